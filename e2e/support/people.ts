import { spawn } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { Client } from "pg";
import type { Grant } from "../../lib/auth/schema";
import type { Console } from "./console";
import type { Account } from "./sign-in";

const PASSWORD = "staple battery horse";

/** Runs statements on the store of a console, whichever engine it has, while it runs. */
export async function onStore(console: Console, statements: string[]): Promise<void> {
  if (console.databaseUrl !== "") {
    const client = new Client({ connectionString: console.databaseUrl });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    return client.end();
  }
  const store = new DatabaseSync(join(console.dataDir, "standdown.db"), { timeout: 5_000 });
  for (const statement of statements) store.exec(statement);
  store.close();
}

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Adds somebody with these grants, as an administrator would at the machine. */
export async function addPerson(console: Console, name: string, grants: readonly Grant[]): Promise<Account> {
  const child = spawn(
    process.execPath,
    ["--conditions=react-server", "--import", "tsx", "lib/auth/admin.ts", "create", name, "--password-stdin"],
    { env: { ...process.env, ...console.env }, stdio: ["pipe", "ignore", "pipe"] },
  );
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stdin.end(`${PASSWORD}\n`);
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${name} could not be added: ${output}`);
  const id = `(select id from "user" where username = ${quote(name)})`;
  await onStore(console, [
    `delete from role_grant where user_id = ${id}`,
    ...grants.map(
      ({ role, level, target }) =>
        `insert into role_grant (user_id, role, level, target) values (${id}, ${quote(role)}, ${quote(level)}, ${quote(target)})`,
    ),
  ]);
  return { name, password: PASSWORD };
}
