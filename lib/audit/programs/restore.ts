import "server-only";
import { resolve } from "node:path";
import { openStore, storeFile } from "../../db/store";
import { closeUnended, type Closed } from "../close-unended";
import { StoreFileError } from "../inspect-store";
import { restore } from "../restore";
import { counted, runProgram, UsageError } from "./run-program";

const say = (text: string) => void process.stdout.write(`${text}\n`);

function sayClosed({ plans, intents, approvals }: Closed): void {
  say(`  Closed, because what became of it since is not known: ${counted(plans)} plans that were not sent,`);
  say(
    `  ${counted(intents)} stops and runs that were looked after, ${counted(approvals)} approvals. Everybody signs in again.`,
  );
  say("  Look at each cluster before the next stop; administrators are told on their first page.");
}

runProgram({ restored: { type: "boolean" } }, async ({ values, positionals: [file, ...more] }) => {
  if (process.env.DATABASE_URL) {
    if (more.length > 0 || (file === undefined) !== (values.restored === true))
      throw new UsageError("On PostgreSQL it takes --restored alone, after pg_restore.");
    if (!values.restored)
      throw new StoreFileError(
        "DATABASE_URL names a PostgreSQL, which has its own way",
        'Stop the console, run pg_restore --clean --if-exists --dbname="$DATABASE_URL" FILE, and then npm run restore -- --restored.',
      );
    const { db } = await openStore();
    const closed = await closeUnended(db, "pg_restore");
    say("✓ The store in PostgreSQL knows that it was restored");
    sayClosed(closed);
    return 0;
  }
  if (!file || more.length > 0 || values.restored) throw new UsageError("It takes the name of one backup.");
  const { count, hash, kept, closed } = await restore(resolve(file), storeFile());
  say(`✓ ${storeFile()} is now ${resolve(file)}`);
  say(`  ${counted(count)} audit entries, unbroken; hash of the last one: ${hash}`);
  sayClosed(closed);
  if (kept) say(`  The store that was there is kept, with all its entries: ${kept}`);
  return 0;
});
