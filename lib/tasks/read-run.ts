import "server-only";
import { agentOf, clusterCard } from "../clusters/registry";
import { noteTask } from "../clusters/request-rules";
import { knownAgents, readTopology } from "../clusters/topology";
import { systemClock } from "../clock";
import { singleton } from "../singleton";
import { ownerOf } from "./agents";
import { createRunReader, type RunReader, type Verdict } from "./run-reader";
import type { RunAnswer } from "./schema";
import { engineName, watchSent } from "./sent";

const LIGHT_TIMEOUT_MS = 5_000;
/** With details the agent reads the log of every task; a large cluster takes its time. */
const FULL_TIMEOUT_MS = 20_000;
/** A run that could not be read is not looked for again before this, however many ask. */
const FAILURE_KEPT_MS = 2_000;
const VERDICTS_KEPT = 500;

interface Watched {
  readers: Map<string, Promise<RunReader>>;
  verdicts: Map<string, Verdict>;
}
const watched = () => singleton("tasks.readers", (): Watched => ({ readers: new Map(), verdicts: new Map() }));

const keyOf = (clusterId: string, runId: string) => `${clusterId} ${runId}`;

/**
 * A run as it stands. One reader per run serves all viewers, so ten of them cost the agents what one costs (ux L-1).
 * `since` is the version of the caller's last answer; it then gets only what changed. `look`
 * asks at once, and where the coordinator is silent everybody else. Throws `run-unknown`, or what
 * keeps the console from asking; a run that was read once is told as last seen, and UNKNOWN when nobody can tell.
 */
export async function readRun(
  clusterId: string,
  runId: string,
  { since, look = false }: { since?: number | undefined; look?: boolean } = {},
): Promise<RunAnswer> {
  const { readers } = watched();
  const key = keyOf(clusterId, runId);
  let reader = readers.get(key);
  if (!reader) {
    reader = openReader(clusterId, runId);
    readers.set(key, reader);
    reader.then(
      (opened) => opened.read().catch(() => undefined),
      () => forgetLater(key, reader),
    );
  }
  const opened = await reader;
  if (look) opened.look();
  return opened.read(since);
}

/** The reader of a run that somebody watches just now, without asking anything. */
export async function peekReader(clusterId: string, runId: string): Promise<RunReader | null> {
  const reader = await watched()
    .readers.get(keyOf(clusterId, runId))
    ?.catch(() => null);
  return reader ?? null;
}

async function openReader(clusterId: string, runId: string): Promise<RunReader> {
  const cluster = clusterCard(clusterId);
  const owner = await ownerOf(clusterId, runId);
  const { readers, verdicts } = watched();
  const key = keyOf(clusterId, runId);
  const sent = await watchSent(clusterId, runId);
  if (sent.facts().acceptedAt !== null) noteTask(clusterId, runId);
  const reader = createRunReader({
    runId,
    owner,
    cluster,
    sent: sent.facts,
    name: engineName(sent.attempt),
    others: () => knownAgents(clusterId),
    readDag: (address, id, details, signal) =>
      agentOf(clusterId, address).dag(id, {
        details,
        signal,
        timeoutMs: details ? FULL_TIMEOUT_MS : LIGHT_TIMEOUT_MS,
      }),
    readNode: (address, id, signal) => agentOf(clusterId, address).node(id, { signal, timeoutMs: FULL_TIMEOUT_MS }),
    readClock: async (address, signal) => {
      const { skewMs } = await agentOf(clusterId, address).clock({ signal, timeoutMs: LIGHT_TIMEOUT_MS });
      return skewMs;
    },
    readTopology: (maxAgeMs) => readTopology(clusterId, { maxAgeMs }),
    verdict: verdicts.get(key) ?? null,
    onVerdict: (verdict) => remember(key, verdict),
    onEnd: () => forgetLater(key, readers.get(key)),
    clock: systemClock,
    random: Math.random,
  });
  return reader;
}

function remember(key: string, verdict: Verdict): void {
  const { verdicts } = watched();
  verdicts.set(key, verdict);
  const [oldest] = verdicts.keys();
  if (verdicts.size > VERDICTS_KEPT && oldest !== undefined) verdicts.delete(oldest);
}

function forgetLater(key: string, reader: Promise<RunReader> | undefined): void {
  setTimeout(() => {
    const { readers } = watched();
    if (readers.get(key) === reader) readers.delete(key);
  }, FAILURE_KEPT_MS).unref();
}
