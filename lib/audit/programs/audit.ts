import "server-only";
import { openStore } from "../../db/store";
import { describeFault } from "../describe-fault";
import { verifyChain } from "../verify-chain";
import { counted, runProgram, UsageError } from "./run-program";

runProgram({}, async ({ positionals: [command, ...more] }) => {
  if (command !== "verify" || more.length > 0) throw new UsageError("It takes one word: verify.");
  const { db, engine } = await openStore();
  const verdict = await verifyChain(db);
  const { seq, hash } = verdict.upTo;
  const store = engine === "sqlite" ? "the embedded store" : "PostgreSQL";
  if (!verdict.ok) {
    process.stdout.write(`✗ The audit in ${store} is broken: ${describeFault(verdict)}.\n`);
    process.stdout.write(`  ${seq === 0 ? "No row before it holds." : `Rows 1 to ${seq} hold.`}\n`);
    return 1;
  }
  process.stdout.write(`✓ The audit in ${store} is unbroken: ${counted(seq)} ${seq === 1 ? "entry" : "entries"}.\n`);
  process.stdout.write(`  Hash of the last one: ${hash}\n`);
  return 0;
});
