import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { seal, unseal } from "../seal";
import { ConfigError } from "../config";
import { openKeyRing, startOver, storeKey } from "./key-ring";
import { openStore } from "./store";
import { ENGINES, freshStore, restartProcess, type FreshStore } from "./testing/fresh-store";

const newKey = () => randomBytes(32).toString("base64");

describe.each(ENGINES)("the data keys on %s", (engine) => {
  let fresh: FreshStore;
  beforeEach(async () => {
    fresh = await freshStore(engine);
    vi.stubEnv("STANDDOWN_KEY", newKey());
  });
  afterEach(() => fresh.dispose());

  test("the first start makes one, every later start finds it, and it never stands in the store in clear", async () => {
    const { current, needs } = await openKeyRing();
    expect(needs).toEqual([]);
    await restartProcess();
    expect((await openKeyRing()).current.equals(current)).toBe(true);
    const { db } = await openStore();
    const text = JSON.stringify(await db.selectFrom("key_check").selectAll().execute());
    for (const form of ["base64", "base64url", "hex"] as const) expect(text).not.toContain(current.toString(form));
  });

  test("ten that begin at once agree on one", async () => {
    const rings = await Promise.all(
      Array.from({ length: 10 }, async () => {
        return (await openKeyRing()).current.toString("hex");
      }),
    );
    expect(new Set(rings).size).toBe(1);
  });

  if (engine === "postgres")
    test("another master key is refused and leaves no trace, until somebody says that the right one is lost", async () => {
      const before = await openKeyRing();
      const { db } = await openStore();
      const rows = await db.selectFrom("key_check").selectAll().execute();
      const right = process.env.STANDDOWN_KEY ?? "";
      await expect(startOver()).rejects.toThrow("nothing is lost");
      await restartProcess();
      vi.stubEnv("STANDDOWN_KEY", newKey());
      await expect(openKeyRing()).rejects.toThrow(before.found);
      await expect(openKeyRing()).rejects.toBeInstanceOf(ConfigError);
      const { db: again } = await openStore();
      expect(await again.selectFrom("key_check").selectAll().execute()).toEqual(rows);
      expect(await startOver()).toMatchObject({ needs: [before.found] });
      expect((await openKeyRing()).needs).toEqual([before.found]);
      await restartProcess();
      vi.stubEnv("STANDDOWN_KEY", right);
      expect((await openKeyRing()).current.equals(before.current)).toBe(true);
    });

  test("with another master key it says what is needed, and seals with a new one", async () => {
    const before = await openKeyRing();
    const sealed = seal("cluster", "secret", before.current);
    const right = process.env.STANDDOWN_KEY ?? "";
    await restartProcess();
    vi.stubEnv("STANDDOWN_KEY", newKey());
    if (engine === "postgres") await startOver(); // on a store of its own the console starts and does this by itself
    const lost = await openKeyRing();
    expect(lost.needs).toEqual([before.found]);
    expect(lost.found).not.toBe(before.found);
    expect(unseal("cluster", sealed, lost.current)).toBeNull();
    await restartProcess();
    vi.stubEnv("STANDDOWN_KEY", right);
    const again = await openKeyRing();
    expect(unseal("cluster", sealed, again.current)).toBe("secret");
    expect(again.needs).toEqual([lost.found]);
  });

  test("a key that is none stops the start by name", async () => {
    vi.stubEnv("STANDDOWN_KEY", "short");
    await expect(openKeyRing()).rejects.toThrow("STANDDOWN_KEY");
  });

  test("keys of different purposes differ, and stay after a restart", async () => {
    const signIn = await storeKey("sign-in");
    expect((await storeKey("cluster")).equals(signIn)).toBe(false);
    await restartProcess();
    expect((await storeKey("sign-in")).equals(signIn)).toBe(true);
  });
});
