import { Kysely, sql } from "kysely";
import { sqliteDialect } from "../../lib/db/sqlite";
import type { Tables } from "../../lib/db/tables";

/** A program of its own that holds the write lock of a store's file, as a backup tool does, until its input ends. */
async function main(file: string): Promise<void> {
  const db = new Kysely<Tables>({ dialect: sqliteDialect(file) });
  await db.transaction().execute(async (transaction) => {
    await sql`update audit_head set seq = seq`.execute(transaction);
    process.stdout.write("held\n");
    await new Promise((resolve) => process.stdin.once("end", resolve).resume());
  });
  await db.destroy();
}

main(process.argv[2] ?? "").catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
