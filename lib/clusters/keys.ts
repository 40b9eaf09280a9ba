import "server-only";
import { appendLine } from "../audit/journal";
import { runProgram, UsageError } from "../audit/programs/run-program";
import { describeLoss, openKeyRing, startOver } from "../db/key-ring";
import { readKeyStatus, rotateMasterKey } from "../db/rotate-key";
import type { Database } from "../db/tables";
import { clusterOfRow, readStoredRows } from "./stored-clusters";

const say = (text: string) => void process.stdout.write(`${text}\n`);

async function status(): Promise<void> {
  const { engine, found, dataKeys, isRotationUnfinished } = await readKeyStatus();
  say(`Store          ${engine}`);
  say(`Master key     ${found.id}, from ${found.where}`);
  if (dataKeys.length === 0) return say("Data keys      none yet; the first start makes one");
  for (const { id, sealedWith, opens } of dataKeys)
    say(`Data key ${id}     sealed with ${sealedWith}: ${opens ? "opens" : "does not open"}`);
  const ring = await openKeyRing();
  const clusters = (await readStoredRows()).map((row) => clusterOfRow(row, ring));
  const closed = clusters.filter(({ credentials }) => !credentials).map(({ id }) => id);
  say(`Clusters       ${clusters.length} in the store, the credentials of ${clusters.length - closed.length} open`);
  if (closed.length > 0) say(`Not open       ${closed.join(", ")}: ${describeLoss(ring.needs, ring.found)}.`);
  if (isRotationUnfinished)
    say("A rotation was cut off. Run npm run keys -- rotate again; it goes on where it stopped.");
}

const record = (text: string, on?: Database): Promise<void> =>
  appendLine(
    { id: crypto.randomUUID(), event: "checked", action: "key.rotate", by: "console", cluster: null, detail: { text } },
    on,
  );

async function beginAgain(): Promise<void> {
  const { needs, found } = await startOver();
  await record(`${needs.join(", ")} lost, started over with ${found}`);
  say(`The store goes on with master key ${found}. Start the console, and enter the clusters' credentials again.`);
  say(`Everybody signs in again. What ${needs.join(", ")} sealed stays as it is, in case that key turns up.`);
}

async function rotate(): Promise<void> {
  await openKeyRing(); // a store without a data key gets its first one before its key changes
  const { from, to, resealed, oldFile } = await rotateMasterKey((on, done) => record(`${done.from} → ${done.to}`, on));
  say(
    resealed > 0
      ? `The store is sealed with master key ${to} now; it was ${from}.`
      : `The store was sealed with ${to} already.`,
  );
  if (oldFile)
    return say(`The key file is replaced. The old one is ${oldFile}: old backups need it, delete it with them.`);
  say(
    "Put the new key into STANDDOWN_KEY before the next start. A console that is running goes on. Old backups need the old key.",
  );
}

runProgram({}, async ({ positionals: [command, ...more] }) => {
  if (command === "status" && more.length === 0) await status();
  else if (command === "rotate" && more.length === 0) await rotate();
  else if (command === "start-over" && more.length === 0) await beginAgain();
  else throw new UsageError("There is nothing to do, or too much at once.");
  return 0;
});
