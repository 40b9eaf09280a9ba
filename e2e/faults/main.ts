import { verifyChain } from "../../lib/audit/verify-chain";
import { openStores, type LaneEngine, type Stores } from "../crash/store";
import { runMain } from "../support/run-main";
import { openBench } from "./bench";
import { noFindings, type Findings } from "./judge";
import { KINDS, Unavailable, type Kind } from "./kinds";
import { runRound } from "./round";

/** As lib/commands/test-faults.mjs has read and judged it. */
const { engine, rounds, lanes, only, short, json } = JSON.parse(process.argv[2] ?? "{}") as {
  engine: LaneEngine;
  rounds: number;
  lanes: number;
  only: string[];
  short: boolean;
  json: boolean;
};
const say = (text: string) => void process.stderr.write(`${text}\n`);

interface Row extends Record<keyof Findings, number> {
  fault: string;
  tries: number;
  recoverySecondsP95: number;
}

/** The value below which 95 of 100 lie; of few, the largest. */
function p95(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round((sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0) * 10) / 10;
}

/** One fault with all of its rounds, on a bench of its own. null: this machine cannot do it. */
async function runKind(kind: Kind, stores: Stores): Promise<Row | null> {
  const found = noFindings();
  const recoveries: number[] = [];
  const bench = await openBench(engine, stores, kind);
  try {
    const trouble = kind.trouble(engine);
    for (let at = 0; at < rounds; at += 1) {
      const startedMs = performance.now();
      const round = await runRound(bench, trouble, at, short);
      recoveries.push(round.recoverySeconds);
      for (const name of Object.keys(found) as (keyof Findings)[]) found[name].push(...round.found[name]);
      const took = ((performance.now() - startedMs) / 1_000).toFixed(1);
      say(`${engine} ${kind.name} ${at + 1} of ${rounds}: ${round.story}, ${took} s in all`);
      for (const [name, words] of Object.entries(round.found) as [string, string[]][])
        for (const sentence of words) say(`  ✗ ${name}: ${sentence}`);
    }
    const verdict = await verifyChain(bench.store);
    if (!verdict.ok) found.acknowledgedLost.push(`the chain is broken at row ${verdict.seq}: ${verdict.fault}`);
  } catch (error) {
    if (error instanceof Unavailable) {
      say(`– ${kind.name}: not run, because ${error.message}`);
      return null;
    }
    say(`  ✗ ${kind.name} broke off: ${error instanceof Error ? error.stack : String(error)}`);
    for (const console of bench.consoles) say(console.log().slice(-2_000));
  } finally {
    await bench.close().catch((error: unknown) => say(`  ${kind.name} did not end cleanly: ${String(error)}`));
  }
  const { sentTwice, acknowledgedLost, falseStatements, open } = found;
  return {
    fault: kind.name,
    tries: recoveries.length,
    sentTwice: sentTwice.length,
    acknowledgedLost: acknowledgedLost.length,
    falseStatements: falseStatements.length,
    open: open.length,
    recoverySecondsP95: p95(recoveries),
  };
}

const isKept = ({ tries, sentTwice, acknowledgedLost, falseStatements, open }: Row) =>
  tries === rounds && sentTwice + acknowledgedLost + falseStatements + open === 0;

function tell(row: Row): void {
  if (json) return void process.stdout.write(`${JSON.stringify(row)}\n`);
  const { fault, tries, sentTwice, acknowledgedLost, falseStatements, open, recoverySecondsP95 } = row;
  const words = `${sentTwice} sent twice, ${acknowledgedLost} acknowledged and lost, ${falseStatements} said and false, ${open} open; back after ${recoverySecondsP95} s`;
  process.stdout.write(`${isKept(row) ? "✓" : "✗"} ${fault}, ${tries} of ${rounds} tries: ${words}\n`);
}

async function main(): Promise<number> {
  const waiting = KINDS.filter(({ name }) => only.length === 0 || only.includes(name)).filter(({ name, lacks }) => {
    const why = lacks?.[engine];
    if (why) say(`– ${name}: not run, because ${why}`);
    return why === undefined;
  });
  const stores = await openStores(engine);
  let code = 0;
  try {
    const lane = async () => {
      for (let kind = waiting.shift(); kind; kind = waiting.shift()) {
        const row = await runKind(kind, stores);
        if (!row) continue;
        tell(row);
        if (!isKept(row)) code = 1;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return code;
  } finally {
    await stores.end();
  }
}

runMain(main, say);
