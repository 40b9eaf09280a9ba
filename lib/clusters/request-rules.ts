import "server-only";
import { ageOf } from "../clock";
import { createCoalescer } from "../coalesce";
import { AppError, isAppError } from "../errors";
import { createLanes } from "../lanes";
import type { AgentClient } from "../obshell/client";
import type { AgentStatus, Dag } from "../obshell/schema";
import { decodeTaskId, taskOwner } from "../obshell/wire/task-id";
import { compareVersions } from "../obshell/wire/version";
import { singleton } from "../singleton";
import { anyDatabase, lastStatus, noteStatus } from "./last-status";

/** Whom an agent asks before it answers a read. */
type Reach = "itself" | "its database" | "every agent, in turn" | "the owner of the task";

interface Rule {
  reaches: Reach;
  /** In which state of the cluster the console may send it, and how often. */
  sent: string;
}

/**
 * Which reads this console sends, and when. What an agent passes on to others can hang for minutes at a silent one, and a
 * DAG that nobody holds is asked for by every agent of every other (findings A1–A3); so no read may multiply in a cluster.
 * At most 4 reads of one agent are under way, whoever asks (`lib/obshell/transport.ts`). Source: OBShell protocol §4, §6.3.
 */
export const REQUEST_RULES = {
  "/info, /secret, /time": { reaches: "itself", sent: "always" },
  "/status": { reaches: "its database", sent: "always, one at a time for each agent" },
  "/ob/info, /ob/agents": { reaches: "its database", sent: "always" },
  "/obcluster/info": { reaches: "every agent, in turn", sent: "one at a time for each cluster, left running" },
  "/ob/zone/{zone}/stop/check": { reaches: "its database", sent: "to an agent with a database" },
  "/task/dag/maintain/agent, /task/dag/agent/unfinish": { reaches: "itself", sent: "always" },
  "/task/dags/agent": { reaches: "itself", sent: "to look up an id: once in 5 s for each agent" },
  "/task/dag/maintain/ob, /task/dag/ob/unfinish": { reaches: "its database", sent: "to an agent with a database" },
  "/task/dag/{id} of the cluster": {
    reaches: "every agent, in turn",
    sent: "to an agent that has a database at this moment",
  },
  "/task/dag/{id} of the agent": {
    reaches: "every agent, in turn",
    sent: "with a database, or when its own list names it",
  },
  "/task/dag|node|sub_task/{id} of another": {
    reaches: "the owner of the task",
    sent: "while a database answers (for a DAG its owner's), or when the task was seen before; two at a time, and 10 s after one that hung",
  },
  "/task/node|sub_task/{id} of the agent": { reaches: "itself", sent: "always" },
  "/task/node|sub_task/{id} of the cluster": { reaches: "its database", sent: "to an agent with a database" },
  "/agents/status, /task/dag/unfinish, /task/dag/maintain/agents, /task/dag/agent/main_dags": {
    reaches: "every agent, in turn",
    sent: "never: each agent is asked itself",
  },
} as const satisfies Record<string, Rule>;

/** A database is taken for reachable this long after its agent said so. Beyond, the agent is asked again first. */
const AT_THIS_MOMENT_MS = 1_000;
/** What agents said of themselves counts for the cluster as a whole this long. */
const LATELY_MS = 15_000;
const STATUS_TIMEOUT_MS = 2_500;
const LIST_TIMEOUT_MS = 10_000;
const LIST_KEPT_MS = 5_000;
/** A task that was read is there for this long without being looked up. */
const READ_KEPT_MS = 30_000;
const KNOWN_KEPT = 5_000;
const ENDED_KEPT = 50;
const HUNG_PAUSE_MS = 10_000;
/** Of the reads of one agent, so that what it says of itself never waits behind a silent owner: it would be silent, too. */
const PASSED_AT_ONCE = 2;
/** Agents from here on ask their peers for a DAG that they lack (protocol §9). */
const ASKS_PEERS_SINCE = "4.2.6.0";
/** Of agents that ask no peer any id may be asked for. */
const EVERYTHING: ReadonlySet<string> = new Set();

/** Tasks that are known to have been at their agent, with the time at which one was last read there, 0 for never. */
const knownTasks = () => singleton("clusters.known-tasks", () => new Map<string, number>());
const lists = () => singleton("clusters.task-lists", () => createCoalescer<ReadonlySet<string>>(LIST_KEPT_MS));
/** When a question that an agent passed on to this owner last hung. */
const hung = () => singleton("clusters.hung-owners", () => new Map<string, number>());

const keyOf = (clusterId: string, id: string) => `${clusterId} ${id}`;

/** Runs that were read as ended, with when: whoever asks a moment later need not ask again. */
const endedRuns = () => singleton("clusters.ended-runs", () => new Map<string, { dag: Dag; atMs: number }>());

/** A run as it was read by anybody in this process within the last `maxAgeMs`, if it had ended then; null otherwise. */
export function endedLately(clusterId: string, id: string, maxAgeMs: number): Dag | null {
  const ended = endedRuns().get(keyOf(clusterId, id));
  return ended && ageOf(ended.atMs) <= maxAgeMs ? ended.dag : null;
}

function noteEnd(clusterId: string, dag: Dag): void {
  const ended = endedRuns();
  const key = keyOf(clusterId, dag.id);
  ended.delete(key);
  if (dag.state !== "SUCCEED" && dag.state !== "FAILED") return;
  ended.set(key, { dag, atMs: Date.now() });
  const [oldest] = ended.keys();
  if (ended.size > ENDED_KEPT && oldest !== undefined) ended.delete(oldest);
}

/** Notes a task that an agent has taken, so that it is looked for also through others. */
export function noteTask(clusterId: string, id: string, readAtMs = 0): void {
  const known = knownTasks();
  const key = keyOf(clusterId, id);
  const before = known.get(key) ?? 0;
  known.delete(key);
  known.set(key, Math.max(before, readAtMs));
  const [oldest] = known.keys();
  if (known.size > KNOWN_KEPT && oldest !== undefined) known.delete(oldest);
}

/**
 * The client of one agent, held to the rules for reading tasks. Reads that would multiply are refused before anything is
 * sent: with `task-not-found` for an id that its agent does not list, `database-unavailable` for a task of the cluster
 * that no database answers for, and `agent-unreachable` or `agent-timeout` for one that only a silent owner could tell.
 */
export function withRules(clusterId: string, client: AgentClient): AgentClient {
  const { address } = client;
  const passing = createLanes(PASSED_AT_ONCE);
  const read = (id: string) => noteTask(clusterId, id, Date.now());
  const noteDag = (dag: Dag | null) => {
    if (!dag) return;
    read(dag.id);
    noteEnd(clusterId, dag);
    for (const id of [dag.mainDagId, ...Object.values(dag.subDags)]) if (id !== null) noteTask(clusterId, id);
  };
  const noting = async <T extends Dag | null>(asked: Promise<T>): Promise<T> => {
    const dag = await asked;
    noteDag(dag);
    return dag;
  };

  async function readDag(id: string, options: Parameters<AgentClient["dag"]>[1]): Promise<Dag> {
    const owner = taskOwner(id);
    if (owner !== null && owner !== address) {
      requireSafe(owner, id);
      return passedOn(owner, id, () => client.dag(id, options), options?.signal);
    }
    if (decodeTaskId(id)?.owner === "cluster") await requireDatabase();
    else if (owner !== null) await requireListed(id);
    try {
      return await noting(client.dag(id, options));
    } catch (error) {
      if (isAppError(error) && error.kind === "task-not-found") knownTasks().delete(keyOf(clusterId, id));
      throw error;
    }
  }

  /** Nodes and sub tasks are never asked for among peers, but passed on to their owner; the cluster's are rows. */
  async function readPart<T>(id: string, ask: () => Promise<T>): Promise<T> {
    const owner = taskOwner(id);
    if (decodeTaskId(id)?.owner === "cluster") await requireDatabase();
    return owner === null || owner === address ? ask() : passedOn(owner, id, ask);
  }

  async function requireDatabase(): Promise<void> {
    const isKnownGone = lastStatus(clusterId, address, LIST_KEPT_MS) !== null && !anyDatabase(clusterId, LATELY_MS);
    const has = !isKnownGone && (lastStatus(clusterId, address, AT_THIS_MOMENT_MS) ?? (await status())).obState === 3;
    if (!has) throw new AppError("database-unavailable", { params: { address } });
  }

  async function status(): Promise<AgentStatus> {
    const found = await client.status({ timeoutMs: STATUS_TIMEOUT_MS });
    noteStatus(clusterId, address, found);
    return found;
  }

  /** An agent that has no database and lacks a DAG asks everybody, and they ask back: 8,900 descriptors in 9 s (A3). */
  async function requireListed(id: string): Promise<void> {
    const readAtMs = knownTasks().get(keyOf(clusterId, id)) ?? 0;
    if (ageOf(readAtMs) < READ_KEPT_MS) return;
    if (lastStatus(clusterId, address, AT_THIS_MOMENT_MS)?.obState === 3) return;
    const listed = await lists()(keyOf(clusterId, address), listTasks);
    if (listed === EVERYTHING || listed.has(id)) return;
    knownTasks().delete(keyOf(clusterId, id));
    throw new AppError("task-not-found", { params: { id, address } });
  }

  /** Who is asked through others and lacks it asks them all as well: its own database or the task itself has to be known. */
  function requireSafe(owner: string, id: string): void {
    if (lastStatus(clusterId, owner, LATELY_MS)?.obState === 3 || knownTasks().has(keyOf(clusterId, id))) return;
    throw new AppError("agent-unreachable", { params: { address: owner } });
  }

  async function listTasks(): Promise<ReadonlySet<string>> {
    const limits = { timeoutMs: LIST_TIMEOUT_MS };
    const version = lastStatus(clusterId, address, Infinity)?.version ?? null;
    if (version !== null && compareVersions(version, ASKS_PEERS_SINCE) < 0) return EVERYTHING;
    try {
      return new Set((await client.agentDags(limits)).map(({ id }) => id));
    } catch (error) {
      if (!isAppError(error) || error.kind !== "not-supported") throw error;
    }
    const [unfinished, newest] = await Promise.all([
      client.unfinishedDags("agent", limits),
      client.maintenanceDag(limits),
    ]);
    return new Set([...unfinished, ...(newest ? [newest] : [])].map(({ id }) => id));
  }

  async function passedOn<T>(owner: string, id: string, ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (!anyDatabase(clusterId, LATELY_MS) && !knownTasks().has(keyOf(clusterId, id)))
      throw new AppError("agent-unreachable", { params: { address: owner } });
    return passing(() => passOn(owner, ask), signal).catch((error: unknown) => {
      throw isAppError(error) || !signal?.aborted ? error : new AppError("cancelled");
    });
  }

  async function passOn<T>(owner: string, ask: () => Promise<T>): Promise<T> {
    const ownerKey = keyOf(clusterId, owner);
    if (ageOf(hung().get(ownerKey) ?? 0) < HUNG_PAUSE_MS)
      throw new AppError("agent-timeout", { params: { address: owner } });
    try {
      return await ask();
    } catch (error) {
      if (isAppError(error) && error.kind === "agent-timeout") hung().set(ownerKey, Date.now());
      throw error;
    }
  }

  return {
    ...client,
    stop: (body, options) => noting(client.stop(body, options)),
    start: (body, options) => noting(client.start(body, options)),
    zoneStop: (zone, body, options) => noting(client.zoneStop(zone, body, options)),
    maintenanceDag: (options) => noting(client.maintenanceDag(options)),
    dag: readDag,
    node: (id, options) => readPart(id, () => client.node(id, options)),
    subTask: (id, options) => readPart(id, () => client.subTask(id, options)),
  };
}
