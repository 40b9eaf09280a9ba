import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStore, storeFile } from "../db/store";
import { freshStore, type FreshStore } from "../db/testing/fresh-store";
import { backUp } from "./back-up";
import { inspectStore } from "./inspect-store";
import { appendLine } from "./journal";
import { restore } from "./restore";
import { command } from "./testing/command";

vi.hoisted(() => vi.stubEnv("STANDDOWN_LOG_LEVEL", "silent"));

const cluster = { id: "c1", name: "core", environment: "TEST" as const };
const line = { id: "p", by: "li.wei", event: "opened" as const, action: "plan.check" as const, cluster, detail: {} };

let fresh: FreshStore;
let children: ChildProcess[] = [];
beforeEach(async () => {
  fresh = await freshStore("sqlite");
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
  await fresh.dispose();
});
const at = (name: string) => join(fresh.folder, name);

/** A console of another process, which appends for as long as it lives. Comes back once it has written some. */
async function startWriter(): Promise<ChildProcess> {
  const journal = pathToFileURL(join(import.meta.dirname, "journal.ts")).href;
  const script = `
    const module = await import(${JSON.stringify(journal)});
    const { appendLine } = module.default ?? module;
    for (let at = 0; ; at += 1) {
      await appendLine({ ...${JSON.stringify(line)}, id: "w" + at });
      if (at === 20) process.stdout.write("writing\\n");
    }`;
  const args = ["--conditions=react-server", "--import", "tsx", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child;
}
const killed = (child: ChildProcess) =>
  new Promise((resolve) => {
    child.once("close", resolve);
    child.kill("SIGKILL");
  });

test("a backup that is taken while a console writes is whole, and restores to a store that verifies", async () => {
  const writer = await startWriter();
  for (const name of ["b1", "b2"]) expect(await command("backup", at(name))).toMatchObject({ code: 0 });
  const taken = [await inspectStore(at("b1")), await inspectStore(at("b2"))];
  expect(taken[0]?.count).toBeGreaterThan(20);
  expect(taken[1]?.count).toBeGreaterThanOrEqual(taken[0]?.count ?? 0);
  expect(taken.map(({ broken }) => broken)).toEqual([null, null]);
  expect(statSync(at("b1")).mode & 0o777).toBe(0o600);

  // The commands, each in a process of its own: the driver leaves its lock on a file to the end of the process.
  expect(await command("restore", at("b1"))).toMatchObject({ code: 1, output: expect.stringContaining("is in use") });
  await killed(writer);
  expect(await command("restore", at("b1"))).toMatchObject({ code: 0, output: expect.stringContaining("kept") });
  const facts = await inspectStore(storeFile());
  expect(facts.count).toBe((taken[0]?.count ?? 0) + 1); // and the line that tells of the restore
  const kept = readdirSync(at("data")).find((name) => name.includes(".before-"));
  const before = await inspectStore(join(at("data"), kept ?? ""));
  expect(before.broken).toBeNull();
  expect(before.count).toBeGreaterThanOrEqual(taken[1]?.count ?? 0); // nothing that was in the log beside it is lost
  await appendLine({ ...line, id: "after" });
  const { db } = await openStore();
  expect(await db.selectFrom("audit_head").select("seq").executeTakeFirst()).toEqual({ seq: facts.count + 1 });
  expect(readdirSync(at("data")).filter((name) => /partial|incoming/.test(name))).toEqual([]);
}, 30_000);

test("a backup never writes over a file, and needs a store", async () => {
  await expect(backUp(storeFile(), at("b"))).rejects.toThrow("there is no store");
  await appendLine(line);
  writeFileSync(at("b"), "mine");
  await expect(backUp(storeFile(), at("b"))).rejects.toThrow("exists already");
  expect(readFileSync(at("b"), "utf8")).toBe("mine");
  await expect(backUp(storeFile(), at("it's here"))).resolves.toMatchObject({ count: 1 });
});

test("a store with a broken audit is copied and told, and never restored", async () => {
  await appendLine(line);
  await appendLine({ ...line, event: "checked" });
  await backUp(storeFile(), at("b"));
  const broken = new DatabaseSync(at("b"));
  broken.exec("drop trigger audit_no_update; update audit set person = 'nobody' where seq = 2");
  broken.close();
  expect(await backUp(at("b"), at("b2"))).toMatchObject({ count: 1, broken: { seq: 2, fault: "changed" } });
  await expect(restore(at("b2"), at("elsewhere.db"))).rejects.toThrow("row 2 was changed");
});

test("what is no sound store of this version is refused, and what is there stays", async () => {
  mkdirSync(at("data"));
  writeFileSync(at("junk"), "no database at all");
  await expect(restore(at("none"), storeFile())).rejects.toThrow("there is no file");
  await expect(restore(at("junk"), storeFile())).rejects.toThrow("no store of Standdown");
  writeFileSync(at("empty"), "");
  await expect(restore(at("empty"), storeFile())).rejects.toThrow("no store of Standdown");
  await appendLine(line);
  await backUp(storeFile(), at("b"));
  copyFileSync(at("b"), at("newer"));
  const newer = new DatabaseSync(at("newer"));
  newer.exec("insert into kysely_migration (name, timestamp) values ('9999-later', '2030')");
  newer.close();
  await expect(restore(at("newer"), at("elsewhere.db"))).rejects.toThrow("9999-later");
  copyFileSync(at("b"), at("torn"));
  const torn = readFileSync(at("torn")).fill(7, 8_192, 40_960);
  writeFileSync(at("torn"), torn);
  await expect(restore(at("torn"), at("elsewhere.db"))).rejects.toThrow();
  expect(readdirSync(fresh.folder).filter((name) => name.startsWith("elsewhere"))).toEqual([]);
  expect(await restore(at("b"), at("elsewhere.db"))).toMatchObject({ count: 2, kept: null });
});
