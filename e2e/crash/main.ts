import { runMain } from "../support/run-main";
import { runLane, type Tally } from "./lane";
import { openStores, type LaneEngine } from "./store";

/** As lib/commands/test-crash.mjs has read and judged it. */
const {
  kills,
  lanes: wanted,
  engine,
  json,
} = JSON.parse(process.argv[2] ?? "{}") as {
  kills: number;
  lanes: number;
  engine: LaneEngine;
  json: boolean;
};
const say = (text: string) => void process.stderr.write(`${text}\n`);

const sum = (
  tallies: readonly Tally[],
  key: "kills" | "doubleStops" | "lostAuditEntries" | "openIntents" | "unknown",
) => tallies.reduce((total, tally) => total + tally[key], 0);

async function main(): Promise<number> {
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
    process.stdout.write(`${json ? JSON.stringify(counts) : `${isKept ? "✓" : "✗"} ${words}`}\n`);
    return isKept ? 0 : 1;
  } finally {
    await stores.end();
  }
}

runMain(main, say);
