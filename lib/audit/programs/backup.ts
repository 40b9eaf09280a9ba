import "server-only";
import { resolve } from "node:path";
import { storeFile } from "../../db/store";
import { backUp } from "../back-up";
import { describeFault } from "../describe-fault";
import { StoreFileError } from "../inspect-store";
import { counted, runProgram, UsageError } from "./run-program";

runProgram({}, async ({ positionals: [file, ...more] }) => {
  if (!file || more.length > 0) throw new UsageError("It takes the name of one new file.");
  if (process.env.DATABASE_URL)
    throw new StoreFileError(
      "DATABASE_URL names a PostgreSQL, which has its own way",
      'Run pg_dump --format=custom --file=FILE "$DATABASE_URL", and check it with npm run audit -- verify after a restore.',
    );
  const { bytes, count, hash, broken } = await backUp(storeFile(), resolve(file));
  process.stdout.write(`${broken ? "✗" : "✓"} ${resolve(file)}: ${counted(Math.ceil(bytes / 1024))} KiB\n`);
  if (broken) {
    process.stdout.write(`  The copy is whole, but the audit in it is broken: ${describeFault(broken)}.\n`);
    return 1;
  }
  process.stdout.write(`  ${counted(count)} audit entries, unbroken; hash of the last one: ${hash}\n`);
  process.stdout.write("  Keep the key apart: clusters' passwords in this file open with it, and with nothing else.\n");
  return 0;
});
