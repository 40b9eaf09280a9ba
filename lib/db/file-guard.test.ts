import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { backUp } from "../audit/back-up";
import { appendLine } from "../audit/journal";
import { failureText } from "../failure-text";
import { keyFile } from "../seal";
import { isStoreAway } from "../store-away";
import { openKeyRing, startOver } from "./key-ring";
import { seenFile } from "./seen-mark";
import { openStore, storeFile } from "./store";
import { freshStore, restartProcess, type FreshStore } from "./testing/fresh-store";

vi.hoisted(() => vi.stubEnv("STANDDOWN_LOG_LEVEL", "silent"));

const cluster = { id: "c1", name: "core", environment: "TEST" as const };
const write = (id: string) =>
  appendLine({ id, by: "li.wei", event: "opened", action: "plan.check", cluster, detail: {} });
const plan = (id: string) => ({
  id,
  ...{ cluster_id: "c1", person: "li.wei", created_at: "2026-01-01", fingerprint: "f", request: "{}", draft: "{}" },
});

let fresh: FreshStore;
beforeEach(async () => {
  fresh = await freshStore("sqlite");
});
afterEach(() => fresh.dispose());

const parts = ["", "-wal", "-shm"];
const saved = (name: string) => `${fresh.folder}/${name}`;
const save = (name: string) => copyFileSync(storeFile(), saved(name));

/** Another program, with its own locks: as an operator with the sqlite3 shell. */
const inShell = (sql: string) =>
  execFileSync(process.execPath, [
    ...["--input-type=module", "-e"],
    `const { DatabaseSync } = await import("@photostructure/sqlite");
     new DatabaseSync(${JSON.stringify(storeFile())}, { timeout: 5_000 }).exec(${JSON.stringify(sql)});`,
  ]);

/** What is done to the files while the console runs, and what it says then. */
const WHILE_RUNNING: Record<string, [string, () => void | Promise<void>]> = {
  "moved away": ["store-gone", () => renameSync(storeFile(), saved("moved"))],
  deleted: ["store-gone", () => rmSync(storeFile())],
  "moved away together with its log": [
    "store-gone",
    () => parts.forEach((part) => renameSync(storeFile() + part, saved(`moved${part}`))),
  ],
  "replaced by a copy of itself": [
    "store-replaced",
    () => {
      save("copy");
      renameSync(saved("copy"), storeFile());
    },
  ],
  "replaced by an empty file": [
    "store-cut",
    () => {
      rmSync(storeFile());
      writeFileSync(storeFile(), "");
    },
  ],
  emptied: ["store-cut", () => truncateSync(storeFile(), 0)],
  "cut off": [
    "store-cut",
    () => {
      inShell("pragma wal_checkpoint(truncate)");
      truncateSync(storeFile(), 20_480);
    },
  ],
  "cut off in its first page": ["store-cut", () => truncateSync(storeFile(), 2_048)],
  "overwritten with what is no store": ["store-cut", () => writeFileSync(storeFile(), "x".repeat(500_000))],
  "overwritten with an older copy of itself": [
    "store-older",
    async () => {
      inShell("pragma wal_checkpoint(truncate)");
      save("older");
      await write("since");
      inShell("pragma wal_checkpoint(truncate)");
      writeFileSync(storeFile(), readFileSync(saved("older"))); // in place, as `cp` does
    },
  ],
  "robbed of its log": ["store-cut", () => rmSync(`${storeFile()}-wal`)],
  "robbed of its index": ["store-cut", () => rmSync(`${storeFile()}-shm`)],
  "left with an emptied log": ["store-cut", () => truncateSync(`${storeFile()}-wal`, 0)],
};

describe("the file of a console that runs", () => {
  test.each(Object.entries(WHILE_RUNNING))("%s: the next write is refused by name", async (_, [kind, harm]) => {
    const { db } = await openStore();
    await write("before");
    await harm();
    const refused = await Promise.all([
      write("after").catch((error: unknown) => error),
      db
        .insertInto("plan")
        .values(plan("after"))
        .execute()
        .catch((error: unknown) => error),
      db
        .transaction()
        .execute((on) => on.insertInto("plan").values(plan("later")).execute())
        .catch((error: unknown) => error),
    ]);
    for (const error of refused) {
      expect(error).toMatchObject({ kind, facts: { params: { file: storeFile() } } });
      expect(isStoreAway(error)).toBe(true);
    }
  });

  test("moved away during a transaction, nothing of it is acknowledged", async () => {
    const { db } = await openStore();
    const during = db.transaction().execute(async (on) => {
      await on.insertInto("plan").values(plan("p")).execute();
      renameSync(storeFile(), saved("moved"));
    });
    await expect(during).rejects.toMatchObject({ kind: "store-gone" });
    renameSync(saved("moved"), storeFile());
    expect(await db.selectFrom("plan").select("id").execute()).toEqual([]);
  });

  test("put back in its place, it is written to again", async () => {
    await write("before");
    renameSync(storeFile(), saved("moved"));
    await expect(write("lost")).rejects.toMatchObject({ kind: "store-gone" });
    renameSync(saved("moved"), storeFile());
    await write("after");
  });

  test("another program's checkpoint, backup, writes and rebuilding disturb nothing", async () => {
    for (const sql of [
      "pragma wal_checkpoint(passive)",
      "pragma wal_checkpoint(truncate)",
      `vacuum into '${saved("copy")}'`,
      "insert into known_key values ('c', 'a', 'f', null, 's', null)",
      "vacuum; pragma wal_checkpoint(truncate)",
    ]) {
      await write("before");
      inShell(sql);
      await write("after");
    }
    const { db } = await openStore();
    expect(await db.selectFrom("audit_head").select("seq").executeTakeFirst()).toEqual({ seq: 10 });
  });
});

/** As after the end of the process: what was in the log stands in the file. */
async function end(): Promise<void> {
  inShell("pragma wal_checkpoint(truncate)");
  await restartProcess();
  for (const part of ["-wal", "-shm"]) rmSync(storeFile() + part, { force: true });
}

/** What this process still holds of the file, until its statements are collected, would keep a restore away. */
function renew(): void {
  save("renewed");
  renameSync(saved("renewed"), storeFile());
}

/** As after a power cut, with the log apart from the file. */
async function part(): Promise<Buffer> {
  const log = readFileSync(`${storeFile()}-wal`);
  save("apart");
  await restartProcess();
  for (const ending of parts) rmSync(storeFile() + ending, { force: true });
  renameSync(saved("apart"), storeFile());
  return log;
}

/** What is done to the files while nothing runs, and what the next start says. */
const BEFORE_A_START: Record<string, [string, () => void | Promise<void>]> = {
  missing: ["store-gone", () => rmSync(storeFile())],
  empty: ["store-cut", () => writeFileSync(storeFile(), "")],
  "cut off": ["store-cut", () => truncateSync(storeFile(), 20_480)],
  "no database": ["store-foreign", () => writeFileSync(storeFile(), "no database at all".repeat(999))],
  "another database": [
    "store-foreign",
    () => {
      rmSync(storeFile());
      inShell("create table guests (name text)");
    },
  ],
  "a store of another console": [
    "store-foreign",
    async () => {
      const mine = readFileSync(seenFile(storeFile()));
      for (const file of [storeFile(), seenFile(storeFile())]) rmSync(file);
      await write("elsewhere");
      await write("elsewhere too");
      await end();
      writeFileSync(seenFile(storeFile()), mine);
    },
  ],
  "older than what was acknowledged": ["store-older", () => renameSync(saved("older"), storeFile())],
  "older, and gone on with since": [
    "store-older",
    async () => {
      const mine = readFileSync(seenFile(storeFile()));
      renameSync(saved("older"), storeFile());
      rmSync(seenFile(storeFile()));
      for (const id of ["x", "y", "z"]) await write(id);
      await end();
      writeFileSync(seenFile(storeFile()), mine);
    },
  ],
};

describe("a start beside a store that is", () => {
  test.each(Object.entries(BEFORE_A_START))(
    "%s is refused in words that say what to restore",
    async (_, [kind, harm]) => {
      await write("one");
      await end();
      save("older");
      await write("two");
      await end();
      await harm();
      const error = await openStore().then(
        () => "opened",
        (error: unknown) => error,
      );
      expect(error).toMatchObject({ kind });
      for (const language of ["en_GB.UTF-8", "zh_CN.UTF-8"]) {
        const told = failureText(error, language);
        expect(told?.problem).toContain(storeFile());
        expect(told?.next).toContain("npm run restore");
      }
    },
  );

  test("left without its log is refused, and a backup of it too", async () => {
    await write("one");
    await end();
    await write("two");
    const log = await part();
    await expect(backUp(storeFile(), saved("backup"))).rejects.toMatchObject({ kind: "store-older" });
    expect(existsSync(saved("backup"))).toBe(false);
    await expect(openStore()).rejects.toMatchObject({ kind: "store-older" });
    await restartProcess();
    for (const ending of ["-wal", "-shm"]) rmSync(storeFile() + ending, { force: true });
    renew();
    writeFileSync(`${storeFile()}-wal`, log);
    expect(await backUp(storeFile(), saved("backup"))).toMatchObject({ count: 2 });
    const { db } = await openStore();
    expect(await db.selectFrom("audit_head").select("seq").executeTakeFirst()).toEqual({ seq: 2 });
  });

  test("new, and left without its log, is refused", async () => {
    await write("one");
    await part();
    await expect(openStore()).rejects.toMatchObject({ kind: "store-cut" });
  });

  test("written over beside a whole log is refused", async () => {
    await write("one");
    const log = await part();
    writeFileSync(storeFile(), "no store");
    writeFileSync(`${storeFile()}-wal`, log);
    await expect(openStore()).rejects.toMatchObject({ kind: "store-foreign" });
  });

  test("emptied keeps the log beside it, whatever command is run", async () => {
    await write("one");
    const log = await part();
    writeFileSync(storeFile(), "");
    writeFileSync(`${storeFile()}-wal`, log);
    for (const name of ["one", "two"]) {
      await expect(backUp(storeFile(), saved(name))).rejects.toMatchObject({ kind: "store-cut" });
      await expect(openStore()).rejects.toMatchObject({ kind: "store-cut" });
    }
    expect(readFileSync(`${storeFile()}-wal`).equals(log)).toBe(true);
  });

  test("what stands in a log without its file is never thrown away", async () => {
    await write("acknowledged");
    const log = await part();
    rmSync(seenFile(storeFile())); // as from before there was a mark
    rmSync(storeFile());
    writeFileSync(`${storeFile()}-wal`, log);
    await expect(openStore()).rejects.toMatchObject({ kind: "store-cut" });
    expect(readFileSync(`${storeFile()}-wal`).equals(log)).toBe(true);
  });

  test("the right one, whoever ended the process and when, is opened", async () => {
    for (let at = 0; at < 5; at += 1) {
      await write(`w${at}`);
      await restartProcess();
    }
    const { db } = await openStore();
    expect(await db.selectFrom("audit_head").select("seq").executeTakeFirst()).toEqual({ seq: 5 });
  });

  test("put there with the command restore is opened, also when it is older, or the file itself", async () => {
    const { restore } = await import("../audit/restore");
    await write("one");
    await backUp(storeFile(), saved("backup"));
    await write("two");
    await end();
    renew();
    await restore(saved("backup"), storeFile());
    await write("three");
    await end();
    rmSync(storeFile());
    copyFileSync(saved("backup"), storeFile());
    await expect(openStore()).rejects.toMatchObject({ kind: "store-foreign" });
    await restartProcess();
    renew();
    await restore(storeFile(), storeFile(), new Date("2030-01-01"));
    await write("four");
  });
});

describe("a missing key file", () => {
  test("beside a store that needs it is named and not replaced, and a person may start over", async () => {
    const { found } = await openKeyRing();
    await restartProcess();
    renameSync(keyFile(), saved("key"));
    await expect(openKeyRing()).rejects.toMatchObject({ kind: "key-gone", facts: { params: { key: found } } });
    expect(existsSync(keyFile())).toBe(false);
    renameSync(saved("key"), keyFile());
    expect((await openKeyRing()).found).toBe(found);
    await restartProcess();
    renameSync(keyFile(), saved("key"));
    expect(await startOver()).toMatchObject({ needs: [found] });
    expect(existsSync(keyFile())).toBe(true);
  });
});
