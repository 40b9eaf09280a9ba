import "server-only";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { openJournal } from "../audit/open-journal";
import { ConfigError } from "../config";
import { openStore } from "../db/store";
import type { Database } from "../db/tables";
import { isAppError, type AppError } from "../errors";
import errors from "../i18n/messages/en/errors.json";
import { ADMINISTRATOR_EVERYWHERE } from "./first-administrator";
import { createPerson, idOf, listPeople, oneTimePassword, resetPassword } from "./people";
import { record } from "./record";
import { role as roleSchema, type Grant } from "./schema";

const USAGE = `npm run admin -- create NAME [--role viewer|operator|administrator] [--password-stdin]
  npm run admin -- reset-password NAME [--password-stdin]
  npm run admin -- list`;

/** A foreseen failure: what happened, and what to do next. */
class AdminError extends Error {
  constructor(
    problem: string,
    readonly next: string,
  ) {
    super(problem);
  }
}

const say = (text: string) => process.stdout.write(`${text}\n`);

/** One line from the terminal without showing it, or the first line of standard input. */
function readLine(question: string, isHidden: boolean): Promise<string> {
  if (isHidden) process.stdout.write(question);
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin, ...(isHidden ? { terminal: true } : {}) });
    lines.once("line", (line) => {
      resolve(line);
      lines.close();
      if (isHidden) say("");
    });
    lines.once("close", () => resolve(""));
  });
}

/** Asked for on a terminal; made up and printed once where there is none, or when nothing is typed. */
async function choosePassword(fromStdin: boolean): Promise<{ password: string; isOneTime: boolean }> {
  const typed = fromStdin
    ? await readLine("", false)
    : process.stdin.isTTY
      ? await readLine("Password (empty: make one up): ", true)
      : "";
  if (fromStdin && typed === "")
    throw new AdminError("There was no password on standard input.", "Give it as the first line.");
  return typed === "" ? { password: oneTimePassword(), isOneTime: true } : { password: typed, isOneTime: false };
}

const tell = ({ password, isOneTime }: { password: string; isOneTime: boolean }) => {
  if (isOneTime) say(`One-time password, shown only now: ${password}\nIt lets its owner in to choose another.`);
};

/** On the record like what is done in the browser; who sits at the machine is not known here. */
const recordHere = (action: "person.add" | "person.change", facts: string[]) => (tx: Database) =>
  record({ action, event: "finished", by: "console", facts: [...facts, "npm run admin"] }, tx);

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      role: { type: "string", default: "administrator" },
      "password-stdin": { type: "boolean", default: false },
    },
  });
  const [command, name, ...rest] = positionals;
  if (command === "list" && name === undefined) return list();
  if ((command !== "create" && command !== "reset-password") || name === undefined || rest.length > 0)
    throw new AdminError("There is nothing to do, or too much at once.", USAGE);
  await openJournal(); // takes over the file of an earlier version before anything new is written
  if (command === "reset-password") {
    const id = await idOf(name);
    const chosen = await choosePassword(values["password-stdin"]);
    const told = recordHere("person.change", [name.toLowerCase(), "new password, second factor removed"]);
    await resetPassword(id, chosen.password, chosen.isOneTime, told);
    say(`${name} has a new password, is signed out everywhere and has no second factor any more.`);
    return tell(chosen);
  }
  const role = roleSchema.safeParse(values.role);
  if (!role.success) throw new AdminError(`There is no role “${values.role}”.`, USAGE);
  const grants: readonly Grant[] =
    role.data === "administrator" ? ADMINISTRATOR_EVERYWHERE : [{ role: role.data, level: "global", target: "" }];
  const chosen = await choosePassword(values["password-stdin"]);
  await createPerson(
    { name, ...chosen, grants },
    recordHere("person.add", [name.toLowerCase(), `${role.data} everywhere`]),
  );
  say(`${name.toLowerCase()} can sign in now, as ${role.data} everywhere.`);
  tell(chosen);
}

/** The sentences of the screen, in English. */
function describe({ kind, facts }: AppError): { problem: string; next: string } {
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts.params?.[name] ?? "—"));
  return { problem: fill(errors[kind].what), next: fill(errors[kind].next) };
}

async function list(): Promise<void> {
  for (const person of await listPeople()) {
    const grants = person.grants.map(({ role, level, target }) => (level === "global" ? role : `${role} of ${target}`));
    const notes = [person.isDeactivated ? "deactivated" : "", person.hasTotp ? "second factor" : ""].filter(Boolean);
    say([person.name, grants.join(", ") || "no role", ...notes].join("  "));
  }
}

async function main(): Promise<number> {
  try {
    await run(process.argv.slice(2));
    return 0;
  } catch (error) {
    const said =
      error instanceof AdminError
        ? { problem: error.message, next: error.next }
        : error instanceof ConfigError
          ? { problem: error.message, next: "Mend the configuration and try again." }
          : isAppError(error)
            ? describe(error)
            : error instanceof TypeError
              ? { problem: error.message, next: USAGE }
              : null;
    process.stderr.write(said ? `\n✗ ${said.problem}\n  → ${said.next}\n` : `\n✗ ${String(error)}\n`);
    return 1;
  } finally {
    await openStore().then(
      ({ db }) => db.destroy(),
      () => undefined,
    );
  }
}

void main().then((code) => process.exit(code));
