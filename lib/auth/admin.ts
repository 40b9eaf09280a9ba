import "server-only";
import { createInterface } from "node:readline";
import { openJournal } from "../audit/open-journal";
import { ProgramError, runProgram, UsageError } from "../audit/programs/run-program";
import type { Database } from "../db/tables";
import { asSecret } from "../text-file";
import { ADMINISTRATOR_EVERYWHERE } from "./first-administrator";
import { createPerson, knownByName, listPeople, oneTimePassword, requireFreeName, resetPassword } from "./people";
import { record } from "./record";
import { role as roleSchema, type Grant, type Role } from "./schema";

const say = (text: string) => process.stdout.write(`${text}\n`);

/** One line from the terminal without showing it, or the first line of standard input; null when none comes. */
function readLine(question: string, isHidden: boolean): Promise<string | null> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin, ...(isHidden ? { terminal: true } : {}) });
    if (isHidden) process.stdout.write(question); // not before the terminal has stopped to show what is typed
    lines.once("line", (line) => {
      resolve(asSecret(line));
      lines.close();
      if (isHidden) say("");
    });
    lines.once("close", () => resolve(null)); // Ctrl-C and Ctrl-D, and the end of what was sent
  });
}

/** Asked for on a terminal; made up and printed once where there is none, or when nothing is typed. */
async function choosePassword(fromStdin: boolean): Promise<{ password: string; isOneTime: boolean }> {
  const isAsked = !fromStdin && process.stdin.isTTY;
  const typed = fromStdin || isAsked ? await readLine("Password (empty: make one up): ", isAsked) : "";
  if (isAsked && typed === null)
    throw new ProgramError("No password was chosen.", "Nothing was changed. Run it again when you have one.");
  if (fromStdin && !typed)
    throw new ProgramError("There was no password on standard input.", "Give it as the first line.");
  return typed ? { password: typed, isOneTime: false } : { password: oneTimePassword(), isOneTime: true };
}

const tell = ({ password, isOneTime }: { password: string; isOneTime: boolean }) => {
  if (isOneTime) say(`One-time password, shown only now: ${password}\nIt lets its owner in to choose another.`);
};

/** On the record like what is done in the browser; who sits at the machine is not known here. */
const recordHere = (action: "person.add" | "person.change", facts: string[]) => (tx: Database) =>
  record({ action, event: "finished", by: "console", facts: [...facts, "npm run admin"] }, tx);

async function create(name: string, role: Role, fromStdin: boolean): Promise<void> {
  await requireFreeName(name); // what can be refused is refused before anybody is asked
  const grants: readonly Grant[] =
    role === "administrator" ? ADMINISTRATOR_EVERYWHERE : [{ role, level: "global", target: "" }];
  const chosen = await choosePassword(fromStdin);
  await createPerson({ name, ...chosen, grants }, recordHere("person.add", [name.toLowerCase(), `${role} everywhere`]));
  say(`${name.toLowerCase()} can sign in now, as ${role} everywhere.`);
  tell(chosen);
}

async function reset(name: string, fromStdin: boolean): Promise<void> {
  const person = await knownByName(name);
  if (!person) throw new ProgramError(`There is nobody called “${name}”.`, "npm run admin -- list says who there is.");
  if (!person.hasPassword)
    throw new ProgramError(
      `${person.name} signs in elsewhere and has no password here.`,
      "Change it where they sign in, or make them another name with npm run admin -- create.",
    );
  const chosen = await choosePassword(fromStdin);
  const told = recordHere("person.change", [person.name, "new password, second factor removed"]);
  await resetPassword(person.id, chosen.password, chosen.isOneTime, told);
  say(`${person.name} has a new password, is signed out everywhere and has no second factor any more.`);
  tell(chosen);
}

async function list(): Promise<void> {
  for (const person of await listPeople()) {
    const grants = person.grants.map(({ role, level, target }) => (level === "global" ? role : `${role} of ${target}`));
    const notes = [person.isDeactivated ? "deactivated" : "", person.hasTotp ? "second factor" : ""].filter(Boolean);
    say([person.name, grants.join(", ") || "no role", ...notes].join("  "));
  }
}

const OPTIONS = { role: { type: "string" }, "password-stdin": { type: "boolean" } } as const;

runProgram(OPTIONS, async ({ values, positionals: [command, name, ...rest] }) => {
  const fromStdin = values["password-stdin"] ?? false;
  const hasRoom = rest.length === 0 && (command === "create" || values.role === undefined);
  if (command === "list" && name === undefined && hasRoom && !fromStdin) {
    await list();
    return 0;
  }
  if ((command !== "create" && command !== "reset-password") || name === undefined || !hasRoom)
    throw new UsageError("There is nothing to do, or too much at once.");
  const role = roleSchema.safeParse(values.role ?? "administrator");
  if (!role.success) throw new UsageError(`There is no role “${values.role}”.`);
  await openJournal(); // takes over the file of an earlier version before anything new is written
  if (command === "create") await create(name, role.data, fromStdin);
  else await reset(name, fromStdin);
  return 0;
});
