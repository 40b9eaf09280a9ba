import "server-only";
import { ageOf } from "../clock";
import { isAppError } from "../errors";
import type { Dag } from "../obshell/schema";
import { taskOwner } from "../obshell/wire/task-id";
import { singleton } from "../singleton";
import { activeRunsOf, holdsLock, isGoing, type Lock } from "./active-runs";
import { askEach } from "../in-parallel";
import type { Probe } from "./probe";
import { agentOf } from "./registry";
import { endedLately } from "./request-rules";
import type { ActiveRun } from "./schema";

const LOCK_TIMEOUT_MS = 3_000;
const MAIN_TIMEOUT_MS = 3_000;
/** So many agents at first, and so many known locks in turns at each look. */
const SAMPLE = 16;
/** A lock that does not move is asked about again after this long, and sooner when its turn comes. */
const KEPT_MS = 30_000;
/** A main DAG that nobody could tell about is asked for again after this long: each try may wait for silence. */
const UNREAD_KEPT_MS = 10_000;

/** A run that somebody has just read as ended is not read again. */
const ENDED_KEPT_MS = 1_000;
/** An agent that is let go may say for so long that it is held. */
const UNNAMED_MS = 1_000;

export interface Maintenance {
  /** null: agents are held, and not one of them could be asked by whom. */
  runs: ActiveRun[] | null;
  /** Agents that are silent, or held and could not be asked by whom. */
  notAsked: string[];
}

interface Memory {
  locks: Map<string, { dag: Dag; atMs: number }>;
  /** Main DAGs that nobody could tell about, with the time of the last try. */
  unread: Map<string, number>;
  /** Main DAGs that were going when they were last read: they may go on while they hold nobody. */
  going: Set<string>;
  /** Agents that say they are held and name no holder, with the time of the first such answer. */
  unnamed: Map<string, number>;
}

const newMemory = (): Memory => ({ locks: new Map(), unread: new Map(), going: new Set(), unnamed: new Map() });
const memories = () => singleton("clusters.locks", () => new Map<string, Memory>());

/**
 * Who holds the agents' maintenance locks. Only agents that say they are held are asked, each by itself and with a short
 * timeout: an agent's own fan-out goes one by one and swallows silence (protocol §6.3). A run takes every agent, so while
 * it goes its main DAG is asked and a few of them stand for all; once it is over, every held agent is asked.
 */
export async function readMaintenance(clusterId: string, around: Around): Promise<Maintenance> {
  const memory = memories().get(clusterId) ?? newMemory();
  memories().set(clusterId, memory);
  const all = [...around.probes.values()];
  const silent = all.filter(({ status }) => status === null).map(({ address }) => address);
  const held = all.filter(({ status }) => status?.underMaintenance === true).map(({ address }) => address);
  for (const agent of memory.locks.keys()) if (!held.includes(agent)) memory.locks.delete(agent);
  for (const agent of memory.unnamed.keys()) if (!held.includes(agent)) memory.unnamed.delete(agent);
  if (held.length === 0 && memory.going.size === 0) return { runs: [], notAsked: silent };

  const failed = new Set<string>();
  const mains = new Map<string, Dag | null>();
  const ask = (agents: readonly string[]) => askLocks(clusterId, memory, agents, failed);
  const isUnasked = (agent: string) => !memory.locks.has(agent) && !failed.has(agent);
  const someRunGoes = async () => {
    await readMains(clusterId, memory, around, mains);
    // One that holds nobody says nothing about those that are held.
    return [...memory.locks.values()].some(({ dag }) => isRunning(mains.get(dag.mainDagId ?? "")));
  };
  if (!(await someRunGoes())) {
    await ask(dueNow(memory));
    await ask(held.filter(isUnasked).slice(0, SAMPLE));
    if (!(await someRunGoes())) {
      await ask(held.filter(isUnasked));
      await someRunGoes();
    }
  }
  const locks: Lock[] = [...memory.locks].map(([agent, { dag }]) => ({ agent, dag }));
  const isNobodyAsked = locks.length === 0 && failed.size > 0;
  return { runs: isNobodyAsked ? null : activeRunsOf(locks, mains), notAsked: [...silent, ...failed] };
}

const isRunning = (main: Dag | null | undefined): boolean => (main ? isGoing(main) : false);

/** Known locks to ask about again: a few in turns, those that still move, and what is old. */
function dueNow({ locks }: Memory): string[] {
  const oldestFirst = [...locks].sort(([, left], [, right]) => left.atMs - right.atMs);
  return oldestFirst
    .filter(([, { dag, atMs }], at) => at < SAMPLE || dag.state !== "FAILED" || ageOf(atMs) > KEPT_MS)
    .map(([agent]) => agent);
}

/**
 * Asks these agents what holds them. One with another holder than before means that a new run has begun, and it took
 * every agent: what was known of the others is forgotten.
 */
async function askLocks(
  clusterId: string,
  { locks, unnamed }: Memory,
  agents: readonly string[],
  failed: Set<string>,
): Promise<void> {
  const startedMs = Date.now();
  const answers = await askEach(agents, (agent) =>
    agentOf(clusterId, agent).maintenanceDag({ timeoutMs: LOCK_TIMEOUT_MS }).catch(unlessOurs),
  );
  let hasNewHolder = false;
  for (const [agent, dag] of answers) {
    const before = locks.get(agent)?.dag;
    locks.delete(agent);
    if (dag === undefined) failed.add(agent);
    else if (dag === null || !holdsLock(dag)) {
      // Passed between its status and this question; if it goes on saying that it is held, nobody knows by whom.
      const since = unnamed.get(agent) ?? startedMs;
      unnamed.set(agent, since);
      if (startedMs - since > UNNAMED_MS) failed.add(agent);
    } else {
      unnamed.delete(agent);
      locks.set(agent, { dag, atMs: Date.now() });
      hasNewHolder ||= before !== undefined && before.mainDagId !== dag.mainDagId;
    }
  }
  if (hasNewHolder) for (const [agent, { atMs }] of locks) if (atMs < startedMs) locks.delete(agent);
}

interface Around {
  /** A healthy agent. */
  answeredBy: string;
  probes: ReadonlyMap<string, Probe>;
}

/** Adds every main DAG that holds an agent and was not read yet. */
async function readMains(
  clusterId: string,
  { locks, unread, going }: Memory,
  around: Around,
  mains: Map<string, Dag | null>,
): Promise<void> {
  // A run that was going is asked about until it is read as ended: in its last step it holds nobody any more.
  const ids = new Set([...[...locks.values()].flatMap(({ dag }) => dag.mainDagId ?? []), ...going]);
  for (const id of unread.keys()) if (!ids.has(id)) unread.delete(id);
  const isAskedLately = (id: string) => isSilent(id, around) && ageOf(unread.get(id) ?? 0) < UNREAD_KEPT_MS;
  const missing = [...ids].filter((id) => !mains.has(id));
  const read = await askEach(missing, async (id) => (isAskedLately(id) ? undefined : readMain(clusterId, id, around)));
  for (const [id, main] of read) {
    mains.set(id, main ?? null);
    if (main) {
      unread.delete(id);
      if (isGoing(main)) going.add(id);
      else going.delete(id);
    } else if (main === null) unread.set(id, Date.now());
  }
}

const isSilent = (id: string, { probes }: Around): boolean => !probes.get(taskOwner(id) ?? "")?.status;

/** A silent owner may still be reachable for its neighbours, so one of them is asked to pass the question on. */
async function readMain(clusterId: string, id: string, around: Around): Promise<Dag | null> {
  const ended = endedLately(clusterId, id, ENDED_KEPT_MS);
  if (ended) return ended;
  const owner = taskOwner(id);
  const asked = new Set([...(owner === null || isSilent(id, around) ? [] : [owner]), around.answeredBy]);
  for (const agent of asked) {
    try {
      return await agentOf(clusterId, agent).dag(id, { details: false, timeoutMs: MAIN_TIMEOUT_MS });
    } catch (error) {
      if (!isAppError(error)) throw error;
      // What its own agent does not know, nobody knows.
      if (agent === owner && error.kind === "task-not-found") return null;
    }
  }
  return null;
}

function unlessOurs(error: unknown): undefined {
  if (!isAppError(error)) throw error;
}
