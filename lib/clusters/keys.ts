import "server-only";
import { appendLine } from "../audit/journal";
import { ConfigError } from "../config";
import { describeLoss, openKeyRing, startOver } from "../db/key-ring";
import { readKeyStatus, rotateMasterKey } from "../db/rotate-key";
import { openStore } from "../db/store";
import type { Database } from "../db/tables";
import { isAppError } from "../errors";
import { clusterOfRow, readStoredRows } from "./stored-clusters";

const USAGE = `npm run keys -- status        which key the store needs, and which one is found
  npm run keys -- rotate        seal everything with a new key: STANDDOWN_NEW_KEY, or a new key file
  npm run keys -- start-over    go on with the key that is found when the right one is gone for good`;

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

async function main(): Promise<number> {
  try {
    const [command, ...rest] = process.argv.slice(2);
    if (command === "status" && rest.length === 0) await status();
    else if (command === "rotate" && rest.length === 0) await rotate();
    else if (command === "start-over" && rest.length === 0) await beginAgain();
    else throw new ConfigError(`There is nothing to do, or too much at once.\n  → ${USAGE}`);
    return 0;
  } catch (error) {
    const problem = error instanceof ConfigError || isAppError(error) ? error.message : String(error);
    process.stderr.write(`\n✗ ${problem}\n`);
    return 1;
  } finally {
    await openStore().then(
      ({ db }) => db.destroy(),
      () => undefined,
    );
  }
}

void main().then((code) => process.exit(code));
