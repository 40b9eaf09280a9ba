import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { seal, unseal } from "../seal";
import { openKeyRing, storeKey, startOver } from "./key-ring";
import { readKeyStatus, rotateMasterKey } from "./rotate-key";
import { openStore } from "./store";
import { ENGINES, freshStore, restartProcess, type FreshStore } from "./testing/fresh-store";

const nobody = () => Promise.resolve();

describe.each(ENGINES)("a new master key on %s", (engine) => {
  let fresh: FreshStore;
  const file = () => join(fresh.folder, "data", "standdown.key");
  let sealed = "";
  let signIn: Buffer;
  beforeEach(async () => {
    fresh = await freshStore(engine);
    sealed = seal("cluster", "secret", (await openKeyRing()).current);
    signIn = await storeKey("sign-in");
  });
  afterEach(() => fresh.dispose());

  /** What was sealed before opens, and sign-in keys are the same: sessions and second factors outlive a rotation. */
  async function expectAllOpens(): Promise<void> {
    await restartProcess();
    const ring = await openKeyRing();
    expect(ring.needs).toEqual([]);
    expect(unseal("cluster", sealed, ring.current)).toBe("secret");
    expect((await storeKey("sign-in")).equals(signIn)).toBe(true);
  }

  test("the key file is replaced, the old one is kept aside, and everything still opens", async () => {
    const before = readFileSync(file(), "utf8");
    const rotation = await rotateMasterKey(nobody);
    expect(rotation).toMatchObject({ resealed: 1, oldFile: `${file()}.${rotation.from}` });
    expect(readFileSync(file(), "utf8")).not.toBe(before);
    expect(readFileSync(rotation.oldFile ?? "", "utf8")).toBe(before);
    for (const each of [file(), rotation.oldFile ?? ""]) expect(statSync(each).mode & 0o777).toBe(0o600);
    await expectAllOpens();
    expect((await readKeyStatus()).dataKeys).toEqual([{ id: 1, sealedWith: rotation.to, opens: true }]);
  });

  test("the old key no longer opens anything", async () => {
    const old = join(fresh.folder, "old.key");
    copyFileSync(file(), old);
    await rotateMasterKey(nobody);
    await restartProcess();
    copyFileSync(old, file());
    if (engine === "postgres") {
      await expect(openKeyRing()).rejects.toThrow("npm run keys -- start-over");
      await startOver();
    }
    expect((await openKeyRing()).keys.size).toBe(1);
    expect(unseal("cluster", sealed, (await openKeyRing()).current)).toBeNull();
  });

  test("cut off before the store changed: nothing is lost, and it can be run again", async () => {
    await expect(rotateMasterKey(() => Promise.reject(new Error("cut off")))).rejects.toThrow("cut off");
    expect(existsSync(`${file()}.next`)).toBe(true);
    await expectAllOpens();
    expect((await readKeyStatus()).isRotationUnfinished).toBe(true);
    expect((await rotateMasterKey(nobody)).resealed).toBe(1);
    expect(existsSync(`${file()}.next`)).toBe(false);
    await expectAllOpens();
  });

  test("cut off after the store changed and before the file did: the console starts, and it can be run again", async () => {
    const old = join(fresh.folder, "old.key");
    copyFileSync(file(), old);
    const { from } = await rotateMasterKey(nobody);
    copyFileSync(file(), `${file()}.next`);
    copyFileSync(old, file());
    rmSync(`${file()}.${from}`);
    await expectAllOpens();
    await restartProcess();
    expect(await rotateMasterKey(nobody)).toMatchObject({ resealed: 0, oldFile: `${file()}.${from}` });
    expect(existsSync(`${file()}.next`)).toBe(false);
    await expectAllOpens();
  });

  test("a key from the environment is followed by one from the environment", async () => {
    const first = readFileSync(file(), "utf8").trim();
    const second = randomBytes(32).toString("base64");
    await restartProcess();
    vi.stubEnv("STANDDOWN_KEY", first);
    await expect(rotateMasterKey(nobody)).rejects.toThrow("STANDDOWN_NEW_KEY");
    vi.stubEnv("STANDDOWN_NEW_KEY", first);
    await expect(rotateMasterKey(nobody)).rejects.toThrow("another one");
    vi.stubEnv("STANDDOWN_NEW_KEY", second);
    expect((await rotateMasterKey(nobody)).resealed).toBe(1);
    expect((await rotateMasterKey(nobody)).resealed).toBe(0);
    vi.stubEnv("STANDDOWN_KEY", second);
    await expectAllOpens();
  });

  test("the record of it is written with it, or neither is", async () => {
    const { db } = await openStore();
    const before = await db.selectFrom("key_check").selectAll().execute();
    await expect(rotateMasterKey(() => Promise.reject(new Error("audit-unwritable")))).rejects.toThrow();
    expect(await db.selectFrom("key_check").selectAll().execute()).toEqual(before);
  });
});
