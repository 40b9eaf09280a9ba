import "server-only";
import { attempts } from "../audit/journal";
import type { Attempt } from "../audit/schema";
import type { ActiveRun } from "../clusters/schema";
import { findCluster } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { createCoalescer } from "../coalesce";
import { isAppError } from "../errors";
import type { Dag } from "../obshell/schema";
import { singleton } from "../singleton";
import { askOwner } from "./agents";
import { hasEnded, isLive, kindOfRun, runStateOf } from "./engine-words";
import { peekReader } from "./read-run";
import type { RunLine } from "./schema";
import { acceptedAt, sentFacts } from "./sent";

const FRESH_MS = 5_000;
const TIMEOUT_MS = 4_000;
/** A failed run may be taken up again by others; one that succeeded never changes. */
const FAILED_KEPT_MS = 60_000;
/** A run that nobody could tell about is asked for less often than the list is read. */
const UNKNOWN_KEPT_MS = 30_000;
const LISTED = 200;
const ASKED_AT_ONCE = 8;
const KEPT = 2_000;
/** Above the others while it may still be going; after this long an unknown one is history. */
const UNKNOWN_ON_TOP_MS = 2 * 3_600_000;

interface Known {
  dag: Dag | null;
  untilMs: number;
}
const lists = () => singleton("tasks.lists", () => createCoalescer<RunLine[]>(FRESH_MS));
const known = () => singleton("tasks.summaries", () => new Map<string, Known>());

/** The runs that were sent from here, and those that agents are at work on: active ones first, then newest first. */
export async function listRuns(clusterId: string): Promise<RunLine[]> {
  findCluster(clusterId);
  return lists()(clusterId, () => readLines(clusterId));
}

async function readLines(clusterId: string): Promise<RunLine[]> {
  const sent = attempts(clusterId)
    .filter((attempt) => attempt.outcome?.runId !== undefined)
    .slice(0, LISTED);
  const [active, dags] = await Promise.all([readActive(clusterId), readSummaries(clusterId, sent)]);
  const holds = new Set(active.filter((run) => run.holdsMaintenance).map((run) => run.id));
  const lines = sent.map((attempt) => sentLine(attempt, dags, holds));
  const listed = new Set(lines.map((line) => line.id));
  return orderLines([...lines, ...active.filter((run) => !listed.has(run.id)).map(foreignLine)], Date.now());
}

/** Unknown while no agent answers: then the list shows what was sent from here. */
const readActive = async (clusterId: string): Promise<ActiveRun[]> => {
  const topology = await readTopology(clusterId, { maxAgeMs: FRESH_MS }).catch(() => null);
  return topology?.activeRuns ?? [];
};

async function readSummaries(clusterId: string, sent: readonly Attempt[]): Promise<Map<string, Dag | null>> {
  const found = new Map<string, Dag | null>();
  const queue = sent.flatMap((attempt) => attempt.outcome?.runId ?? []);
  const worker = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      found.set(id, await readSummary(clusterId, id));
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, worker));
  return found;
}

async function readSummary(clusterId: string, id: string): Promise<Dag | null> {
  const key = `${clusterId} ${id}`;
  const cached = known().get(key);
  if (cached && cached.untilMs > Date.now()) return cached.dag;
  const ask = () => askOwner(clusterId, id, (agent) => agent.dag(id, { details: false, timeoutMs: TIMEOUT_MS }));
  const dag = (await peekReader(clusterId, id))?.dag() ?? (await ask().catch(throwUnlessApp));
  const keepMs = !dag ? UNKNOWN_KEPT_MS : dag.state === "SUCCEED" ? Infinity : hasEnded(dag) ? FAILED_KEPT_MS : 0;
  known().delete(key);
  if (keepMs > 0) known().set(key, { dag: dag && { ...dag, nodes: [], subDags: {} }, untilMs: Date.now() + keepMs });
  const [oldest] = known().keys();
  if (known().size > KEPT && oldest !== undefined) known().delete(oldest);
  return dag;
}

/** Silence and "not found" are both "nobody can tell" here; the run's own page says which. */
function throwUnlessApp(error: unknown): null {
  if (isAppError(error)) return null;
  throw error;
}

function sentLine(attempt: Attempt, dags: ReadonlyMap<string, Dag | null>, holds: ReadonlySet<string>): RunLine {
  const id = attempt.outcome?.runId ?? "";
  const dag = dags.get(id) ?? null;
  const { method, targets, by } = sentFacts(attempt);
  return {
    id,
    name: dag?.name ?? "Stop OB",
    kind: kindOfRun(dag?.name ?? "Stop OB"),
    state: dag ? runStateOf(dag) : "UNKNOWN",
    method,
    targets: targets?.length ?? null,
    by,
    startedAt: dag?.startedAt ?? acceptedAt(attempt) ?? attempt.opened.at,
    endedAt: dag?.endedAt ?? null,
    holdsMaintenance: holds.has(id),
  };
}

function foreignLine(run: ActiveRun): RunLine {
  const { id, name, startedAt, holdsMaintenance } = run;
  return {
    id,
    name,
    kind: kindOfRun(name),
    state: stateOfActive(run),
    method: null,
    targets: null,
    by: null,
    startedAt,
    endedAt: null,
    holdsMaintenance,
  };
}

function stateOfActive({ state, operator, stage }: ActiveRun): RunLine["state"] {
  const states: readonly string[] = ["PENDING", "READY", "RUNNING", "FAILED", "SUCCEED"] satisfies Dag["state"][];
  if (!states.includes(state)) return "UNKNOWN";
  return runStateOf({ state: state as Dag["state"], operator: operator === "CANCEL" ? "CANCEL" : "RUN", stage });
}

/** Pure: what needs attention first, then the newest. */
export function orderLines(lines: readonly RunLine[], nowMs: number): RunLine[] {
  const startMs = (line: RunLine) => (line.startedAt ? Date.parse(line.startedAt) : 0);
  const isActive = (line: RunLine) =>
    isLive(line.state) ||
    line.holdsMaintenance ||
    (line.state === "UNKNOWN" && nowMs - startMs(line) < UNKNOWN_ON_TOP_MS);
  return [...lines].sort(
    (left, right) => Number(isActive(right)) - Number(isActive(left)) || startMs(right) - startMs(left),
  );
}
