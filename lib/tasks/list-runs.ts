import "server-only";
import { attempts } from "../audit/journal";
import type { Attempt } from "../audit/schema";
import type { ActiveRun, Topology } from "../clusters/schema";
import { agentOf, findCluster } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { createCoalescer } from "../coalesce";
import { isAppError } from "../errors";
import { askEach } from "../in-parallel";
import type { Dag } from "../obshell/schema";
import { taskOwner } from "../obshell/wire/task-id";
import { singleton } from "../singleton";
import { isSilent, ownerOf } from "./agents";
import { isLive, kindOfRun, runStateOf } from "./engine-words";
import { peekReader } from "./read-run";
import type { RunLine } from "./schema";
import { engineName, sentFacts } from "./sent";
import { serversOf } from "./servers-now";

const FRESH_MS = 5_000;
const TIMEOUT_MS = 3_000;
/** A failed run may be taken up again by others; one that succeeded never changes. */
const FAILED_KEPT_MS = 60_000;
/** A run that nobody could tell about is asked for less often than the list is read. */
const UNKNOWN_KEPT_MS = 30_000;
const LISTED = 200;
const ASKED_AT_ONCE = 8;
const KEPT = 2_000;
/** Above the others while it may still be going; after this long an unknown one is history. */
const UNKNOWN_ON_TOP_MS = 2 * 3_600_000;

type Summary = Pick<RunLine, "name" | "state" | "endedAt">;

interface Known {
  /** null: nobody could tell. */
  summary: Summary | null;
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
  const sent = await attempts(clusterId, { sent: true, limit: LISTED });
  const [topology, summaries] = await Promise.all([glance(clusterId), readSummaries(clusterId, sent)]);
  const active = topology?.activeRuns ?? [];
  const holds = new Set(active.filter((run) => run.holdsMaintenance).map((run) => run.id));
  const lines = sent.map((attempt) => sentLine(attempt, summaries, holds, topology));
  const listed = new Set(lines.map((line) => line.id));
  return orderLines([...lines, ...active.filter((run) => !listed.has(run.id)).map(foreignLine)], Date.now());
}

/** null while no agent answers: then the list shows what was sent from here. */
const glance = (clusterId: string): Promise<Topology | null> =>
  readTopology(clusterId, { maxAgeMs: FRESH_MS }).catch(() => null);

function readSummaries(clusterId: string, sent: readonly Attempt[]): Promise<Map<string, Summary | null>> {
  const silent = new Set<string>();
  const ids = sent.flatMap((attempt) => attempt.outcome?.runId ?? []);
  return askEach([...new Set(ids)], (id) => findSummary(clusterId, id, silent), ASKED_AT_ONCE);
}

async function findSummary(clusterId: string, id: string, silent: Set<string>): Promise<Summary | null> {
  const watched = (await peekReader(clusterId, id))?.run();
  if (watched) return watched;
  const key = `${clusterId} ${id}`;
  const cached = known().get(key);
  if (cached && cached.untilMs > Date.now()) return cached.summary;
  const summary = await readSummary(clusterId, id, silent);
  known().delete(key);
  const keepMs = keepMsOf(summary);
  if (keepMs > 0) known().set(key, { summary, untilMs: Date.now() + keepMs });
  const [oldest] = known().keys();
  if (known().size > KEPT && oldest !== undefined) known().delete(oldest);
  return summary;
}

function keepMsOf(summary: Summary | null): number {
  if (!summary) return UNKNOWN_KEPT_MS;
  if (summary.state === "SUCCEEDED") return Infinity;
  return isLive(summary.state) ? 0 : FAILED_KEPT_MS;
}

/** Only the agent that holds the run is asked, and once it is silent not again for this list: lists must not wait. */
async function readSummary(clusterId: string, id: string, silent: Set<string>): Promise<Summary | null> {
  try {
    const owner = await ownerOf(clusterId, id);
    if (owner === null || silent.has(owner)) return null;
    const dag = await agentOf(clusterId, owner)
      .dag(id, { details: false, timeoutMs: TIMEOUT_MS })
      .catch((error: unknown) => {
        if (isSilent(error)) silent.add(owner);
        throw error;
      });
    return { name: dag.name, state: runStateOf(dag), endedAt: dag.endedAt };
  } catch (error) {
    // Silence and "not found" are both "nobody can tell" here; the run's own page says which.
    if (isAppError(error)) return null;
    throw error;
  }
}

function sentLine(
  attempt: Attempt,
  summaries: ReadonlyMap<string, Summary | null>,
  holds: ReadonlySet<string>,
  topology: Topology | null,
): RunLine {
  const id = attempt.outcome?.runId ?? "";
  const summary = summaries.get(id) ?? null;
  const { method, targets, by, acceptedAt } = sentFacts(attempt);
  const name = summary?.name ?? engineName(attempt);
  return {
    id,
    name,
    kind: kindOfRun(name),
    state: summary?.state ?? "UNKNOWN",
    method,
    targets: targets?.length ?? null,
    by,
    // Its agent sets its start anew on RETRY and CANCEL.
    startedAt: acceptedAt ?? attempt.opened.at,
    endedAt: summary?.endedAt ? onOwnClock(summary.endedAt, id, topology) : null,
    holdsMaintenance: holds.has(id),
  };
}

/** A time of the agent that holds the run, as the console's clock showed it: its start was written down by that one. */
function onOwnClock(at: string, runId: string, topology: Topology | null): string {
  const owner = topology && serversOf(topology).find((server) => server.address === taskOwner(runId));
  return new Date(Date.parse(at) - (owner?.agent?.skewMs ?? 0)).toISOString();
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
