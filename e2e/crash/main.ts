import { parseArgs } from "node:util";
import { runLane, type Tally } from "./lane";
import { openStores, type LaneEngine } from "./store";

const LANES = 4;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "8" },
    engine: { type: "string", default: "embedded" },
    lanes: { type: "string", default: String(LANES) },
    json: { type: "boolean", default: false },
  },
});
const say = (text: string) => void process.stderr.write(`${text}\n`);

function readCount(name: "kills" | "lanes"): number {
  const count = Number(values[name]);
  if (Number.isInteger(count) && count >= 1 && count <= 10_000) return count;
  throw new Error(`--${name} is "${values[name]}"; it takes a whole number from 1 to 10000`);
}

function readEngine(): LaneEngine {
  if (values.engine === "embedded" || values.engine === "postgres") return values.engine;
  throw new Error(`--engine is "${values.engine}"; it takes embedded or postgres`);
}

const sum = (
  tallies: readonly Tally[],
  key: "kills" | "doubleStops" | "lostAuditEntries" | "openIntents" | "unknown",
) => tallies.reduce((total, tally) => total + tally[key], 0);

async function main(): Promise<number> {
  const [kills, wanted, engine] = [readCount("kills"), readCount("lanes"), readEngine()];
  const lanes = Math.min(wanted, kills);
  const stores = await openStores(engine);
  try {
    const tallies = await Promise.all(
      Array.from({ length: lanes }, async (_, at) => {
        const share = Math.floor(kills / lanes) + (at < kills % lanes ? 1 : 0);
        return runLane(await stores.makePlace(), { kills: share, from: at }, (text) =>
          say(`${engine} ${at + 1}: ${text}`),
        );
      }),
    );
    const chain = tallies.map((tally) => tally.chain).find((state) => state !== "ok") ?? "ok";
    const counts = {
      kills: sum(tallies, "kills"),
      doubleStops: sum(tallies, "doubleStops"),
      lostAuditEntries: sum(tallies, "lostAuditEntries"),
      openIntents: sum(tallies, "openIntents"),
      unknown: sum(tallies, "unknown"),
      chain,
    };
    const wrong = tallies.flatMap((tally) => tally.wrong);
    for (const sentence of wrong) say(`✗ ${sentence}`);
    const isKept =
      wrong.length === 0 &&
      counts.kills === kills &&
      counts.doubleStops + counts.lostAuditEntries + counts.openIntents === 0 &&
      chain === "ok";
    const words = `${counts.kills} kills: ${counts.doubleStops} stops sent twice, ${counts.lostAuditEntries} audit entries lost, ${counts.openIntents} intents open, ${counts.unknown} visibly unknown, chain ${chain}`;
    process.stdout.write(`${values.json ? JSON.stringify(counts) : `${isKept ? "✓" : "✗"} ${words}`}\n`);
    return isKept ? 0 : 1;
  } finally {
    await stores.end();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(`✗ ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  },
);
