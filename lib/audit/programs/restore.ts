import "server-only";
import { resolve } from "node:path";
import { storeFile } from "../../db/store";
import { StoreFileError } from "../inspect-store";
import { restore } from "../restore";
import { counted, runProgram, UsageError } from "./run-program";

runProgram({}, async ({ positionals: [file, ...more] }) => {
  if (!file || more.length > 0) throw new UsageError("It takes the name of one backup.");
  if (process.env.DATABASE_URL)
    throw new StoreFileError(
      "DATABASE_URL names a PostgreSQL, which has its own way",
      'Stop the console and run pg_restore --clean --if-exists --dbname="$DATABASE_URL" FILE.',
    );
  const { count, hash, kept } = await restore(resolve(file), storeFile());
  process.stdout.write(`✓ ${storeFile()} is now ${resolve(file)}\n`);
  process.stdout.write(`  ${counted(count)} audit entries, unbroken; hash of the last one: ${hash}\n`);
  if (kept) process.stdout.write(`  The store that was there is kept, with all its entries: ${kept}\n`);
  return 0;
});
