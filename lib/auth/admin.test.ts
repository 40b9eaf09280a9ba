import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { verifyPassword } from "better-auth/crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { command } from "../audit/testing/command";
import { openStore } from "../db/store";
import { freshStore, type FreshStore } from "../db/testing/fresh-store";
import { ADMINISTRATOR_EVERYWHERE } from "./first-administrator";
import { createPerson, knownByName, listPeople } from "./people";

const RUN = join(import.meta.dirname, "..", "commands", "run.mjs");
const PERSON = { name: "li.wei", password: "six-words-that-fit", isOneTime: false, grants: ADMINISTRATOR_EVERYWHERE };

let fresh: FreshStore;
beforeEach(async () => {
  fresh = await freshStore("sqlite");
  await createPerson(PERSON);
});
afterEach(() => fresh.dispose());

/** Its standard input stays open and empty, so that a program which asks waits for ever. */
async function withoutAnAnswer(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [RUN, "admin", ...args], { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, said };
}

test.each([
  ["a name that somebody has", ["create", "Li.Wei"], /already somebody called ‘li.wei’/],
  ["a name that nobody can have", ["create", "-"], /‘-’ cannot be a name/],
  ["a role that does not exist", ["create", "ana", "--role", "owner"], /no role “owner”/],
  ["a new password for nobody", ["reset-password", "ana"], /nobody called “ana”/],
  ["a role for somebody who is there", ["reset-password", "li.wei", "--role", "viewer"], /too much at once/],
])("%s is refused before the password is asked for", async (_what, args, message) => {
  const { code, said } = await withoutAnAnswer(...args, "--password-stdin");
  expect(said).toMatch(message);
  expect(said).not.toContain("    at ");
  expect(code).toBe(1);
});

test("a password that does not come adds nobody", async () => {
  const { code, output } = await command("admin", "create", "ana", "--password-stdin");
  expect(output).toContain("There was no password on standard input.");
  expect(code).toBe(1);
  expect((await listPeople()).map(({ name }) => name)).toEqual(["li.wei"]);
});

test("a password from a file is the password, without the mark and the line end that its editor added", async () => {
  const child = spawn(process.execPath, [RUN, "admin", "create", "ana", "--password-stdin"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.end("\uFEFF a long enough one \r\nand more\n");
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
  const ana = await knownByName("ana");
  const { db } = await openStore();
  const { password: hash } = await db
    .selectFrom("account")
    .select("password")
    .where("userId", "=", ana?.id ?? "")
    .executeTakeFirstOrThrow();
  expect(await verifyPassword({ hash: hash ?? "", password: " a long enough one " })).toBe(true);
});

const SCRIPT = "/usr/bin/script"; // the one tool that gives a program a terminal
test.skipIf(!existsSync(SCRIPT)).each([
  ["Ctrl-C", "\x03"],
  ["Ctrl-D", "\x04"],
])("%s where the password is asked for adds nobody", async (_key, typed) => {
  const child = spawn(SCRIPT, ["-qec", `"${process.execPath}" "${RUN}" admin create ana`, "/dev/null"]);
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (text.includes("Password (empty")) child.stdin.write(typed);
  });
  await new Promise((resolve) => child.once("close", resolve));
  expect(said).toContain("No password was chosen.");
  expect((await listPeople()).map(({ name }) => name)).toEqual(["li.wei"]);
});
