import { Panic } from "../agent-auth";
import { AgentError, taskNotFound } from "../agent-error";
import type { Agent, TaskOwner, World } from "../agent";
import { isUnfinished, type Dag } from "../dag";
import { dagDto } from "../dag-dto";
import { contentsOrNull } from "../envelope";
import { answeringPeers } from "../peer-call";
import { lookUpDag, requireDatabase } from "./look-up-dag";
import { isClusterAgent } from "./open";
import { PartialFailure, type Call, type Route } from "./route";

/** What an agent tells of its own tasks, of those of all agents, and of the cluster's. */
export const taskListRoutes: readonly Route[] = [
  { method: "GET", path: "task/dag/unfinish", asksDatabase: true, handle: unfinished },
  {
    method: "GET",
    path: "task/dag/ob/unfinish",
    asksDatabase: true,
    handle: unfinishedOfCluster,
  },
  { method: "GET", path: "task/dag/agent/unfinish", handle: (call) => unfinishedAt(call, call.agent) },
  { method: "GET", path: "task/dag/maintain/ob", asksDatabase: true, handle: clusterMaintenance },
  { method: "GET", path: "task/dag/maintain/agent", handle: lastMaintenance },
  { method: "GET", path: "task/dag/maintain/agents", handle: lastMaintenanceOfAll },
  { method: "GET", path: "task/dag/agent/main_dags", since: "4.3.0.0", handle: mainDags },
  {
    method: "GET",
    path: "task/dags/ob",
    asksDatabase: true,
    since: "4.3.0.0",
    handle: (call) => clusterDags(call).map(dtoOf(call, call.world.clusterTasks)),
  },
  { method: "GET", path: "task/dags/agent", since: "4.3.0.0", handle: allDags },
];

const TRUE_WORDS = ["true", "1", "t", "T", "TRUE", "True"];
const FALSE_WORDS = ["false", "0", "f", "F", "FALSE", "False", ""];

/** A word that is neither leaves nothing to look at. */
export function wantsDetails(query: URLSearchParams): boolean {
  const word = query.get("show_details") ?? "true";
  if (!TRUE_WORDS.includes(word) && !FALSE_WORDS.includes(word))
    throw new Panic("nil dereference: show_details was not bound");
  return TRUE_WORDS.includes(word);
}

/** The wire shape of a DAG, with its details unless the caller does without. */
export const dtoOf =
  ({ world, query }: Call, owner: TaskOwner) =>
  (dag: Dag): unknown =>
    dagDto(world, owner, dag, wantsDetails(query));

/** Of all agents that can be reached, and of the cluster where this agent has a database to ask. */
async function unfinished(call: Call): Promise<unknown> {
  const { world, agent } = call;
  if (!isClusterAgent(world, agent)) return unfinishedAt(call, agent);
  const reachable = await answeringPeers(world, agent, "/api/v1/task/dag/agent/unfinish");
  const hasDatabase = world.database.stateAt(agent.address) === 3;
  const ofCluster = hasDatabase ? world.clusterTasks.store.all().filter(isUnfinished) : [];
  return contentsOrNull([
    ...reachable.flatMap((peer) => unfinishedAt(call, peer)),
    ...ofCluster.map(dtoOf(call, world.clusterTasks)),
  ]);
}

const unfinishedAt = (call: Call, peer: Agent): unknown[] =>
  peer.store.all().filter(isUnfinished).map(dtoOf(call, peer));

function allDags(call: Call): unknown {
  return call.agent.store.all().map(dtoOf(call, call.agent));
}

function unfinishedOfCluster(call: Call): unknown {
  try {
    return clusterDags(call).filter(isUnfinished).map(dtoOf(call, call.world.clusterTasks));
  } catch (error) {
    throw error instanceof AgentError ? new PartialFailure(error, null) : error;
  }
}

function clusterDags(call: Call): readonly Dag[] {
  requireDatabase(call);
  return call.world.clusterTasks.store.all();
}

function clusterMaintenance(call: Call): unknown {
  const dag = clusterDags(call).at(-1);
  if (!dag) throw taskNotFound("Cluster is not under maintenance");
  return dtoOf(call, call.world.clusterTasks)(dag);
}

function lastMaintenance(call: Call): unknown {
  const dag = call.agent.store.lastMaintenance();
  if (!dag) throw taskNotFound("Agent is not under maintenance");
  return dtoOf(call, call.agent)(dag);
}

async function lastMaintenanceOfAll(call: Call): Promise<unknown> {
  const { world, agent } = call;
  return (await maintenanceDags(world, agent)).map(({ peer, dag }) => dtoOf(call, peer)(dag));
}

const SOCKET_TIMEOUT_MS = 30_000;

/**
 * The distinct main DAGs whose sub DAGs still hold a lock somewhere. The agent asks itself for each, as a client would,
 * with all that comes of it.
 */
async function mainDags(call: Call): Promise<unknown> {
  const { world, agent } = call;
  const held = (await maintenanceDags(world, agent)).filter(({ dag }) => dag.state !== "SUCCEED");
  const ids = new Set(held.flatMap(({ dag }) => (dag.work.kind === "sub" ? dag.work.mainDagId : [])));
  const found: unknown[] = [];
  for (const id of ids) {
    const asked = lookUpDag({ ...call, path: `/api/v1/task/dag/${id}`, query: new URLSearchParams() }, id);
    const told = await inTime(world, asked).catch(() => null);
    if (told) found.push(dtoOf(call, told.owner)(told.dag));
  }
  return found;
}

async function inTime<T>({ timeline }: World, asked: Promise<T>): Promise<T | null> {
  const answered = new AbortController();
  const givesUp = timeline.sleep(SOCKET_TIMEOUT_MS, answered.signal).then(() => null);
  return Promise.race([asked, givesUp]).finally(() => {
    answered.abort();
    givesUp.catch(() => undefined);
    asked.catch(() => undefined);
  });
}

/** An agent that never had one of its own falls over it. */
async function maintenanceDags(world: World, agent: Agent): Promise<{ peer: Agent; dag: Dag }[]> {
  if (!agent.store.lastMaintenance()) throw new Panic("nil dereference: this agent never had a maintenance dag");
  const peers = await answeringPeers(world, agent, "/api/v1/task/dag/maintain/agent");
  return peers.flatMap((peer) => {
    const dag = peer.store.lastMaintenance();
    return dag ? [{ peer, dag }] : [];
  });
}
