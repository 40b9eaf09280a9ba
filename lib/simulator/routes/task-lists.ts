import { failed, taskNotFound } from "../agent-error";
import type { Agent, TaskOwner, World } from "../agent";
import { noDatabase } from "../check-stop";
import { isUnfinished, type Dag } from "../dag";
import { dagDto } from "../dag-dto";
import { contentsOrNull } from "../envelope";
import { parseGenericId } from "../generic-id";
import { answeringPeers, canReach } from "../peer-call";
import { isClusterAgent } from "./open";
import type { Call, Route } from "./route";

/** What an agent tells of its own tasks, of those of all agents, and of the cluster's. */
export const taskListRoutes: readonly Route[] = [
  { method: "GET", path: "task/dag/unfinish", asksDatabase: true, handle: unfinished },
  {
    method: "GET",
    path: "task/dag/ob/unfinish",
    asksDatabase: true,
    handle: (call) => contentsOrNull(clusterDags(call).filter(isUnfinished).map(dtoOf(call, call.world.clusterTasks))),
  },
  { method: "GET", path: "task/dag/agent/unfinish", handle: (call) => contentsOrNull(unfinishedAt(call, call.agent)) },
  { method: "GET", path: "task/dag/maintain/ob", asksDatabase: true, handle: clusterMaintenance },
  { method: "GET", path: "task/dag/maintain/agent", handle: lastMaintenance },
  { method: "GET", path: "task/dag/maintain/agents", handle: lastMaintenanceOfAll },
  { method: "GET", path: "task/dag/agent/main_dags", since: "4.3.0.0", handle: mainDags },
  {
    method: "GET",
    path: "task/dags/ob",
    asksDatabase: true,
    since: "4.3.0.0",
    handle: (call) => contentsOrNull(clusterDags(call).map(dtoOf(call, call.world.clusterTasks))),
  },
  { method: "GET", path: "task/dags/agent", since: "4.3.0.0", handle: allDags },
];

const FALSE_WORDS = ["false", "0", "f", "F", "FALSE", "False"];
export const wantsDetails = (query: URLSearchParams): boolean =>
  !FALSE_WORDS.includes(query.get("show_details") ?? "true");

/** The wire shape of a DAG, with its details unless the caller does without. */
export const dtoOf =
  ({ world, query }: Call, owner: TaskOwner) =>
  (dag: Dag): unknown =>
    dagDto(world, owner, dag, wantsDetails(query));

/** Of all agents that can be reached, and of the cluster where this agent has a database to ask. */
async function unfinished(call: Call): Promise<unknown> {
  const { world, agent } = call;
  if (!isClusterAgent(world, agent)) return contentsOrNull(unfinishedAt(call, agent));
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
  return contentsOrNull(call.agent.store.all().map(dtoOf(call, call.agent)));
}

/** Tasks of the cluster are rows of the database. */
export function readingDatabase({ world, agent }: Call): void {
  if (!isClusterAgent(world, agent)) throw failed("Agent.OceanBase.NotHold", "the agent holds no database connection");
  if (world.database.stateAt(agent.address) !== 3) throw noDatabase(world, agent);
}

function clusterDags(call: Call): readonly Dag[] {
  readingDatabase(call);
  return call.world.clusterTasks.store.all();
}

function clusterMaintenance(call: Call): unknown {
  const dag = clusterDags(call).at(-1);
  if (!dag) throw taskNotFound("no maintenance dag");
  return dtoOf(call, call.world.clusterTasks)(dag);
}

function lastMaintenance(call: Call): unknown {
  const dag = call.agent.store.lastMaintenance();
  if (!dag) throw taskNotFound("no maintenance dag");
  return dtoOf(call, call.agent)(dag);
}

async function lastMaintenanceOfAll(call: Call): Promise<unknown> {
  const { world, agent } = call;
  if (!agent.store.lastMaintenance()) throw new TypeError("nil dereference: this agent never had a maintenance dag");
  return contentsOrNull((await maintenanceDags(world, agent)).map(({ peer, dag }) => dtoOf(call, peer)(dag)));
}

/** The distinct main DAGs whose sub DAGs still hold a lock somewhere. */
async function mainDags(call: Call): Promise<unknown> {
  const { world, agent } = call;
  const ids = new Set(
    (await maintenanceDags(world, agent))
      .filter(({ dag }) => dag.state !== "SUCCEED")
      .flatMap(({ dag }) => (dag.work.kind === "sub" ? dag.work.mainDagId : [])),
  );
  const found = [...ids].flatMap((id) => {
    const { owner, localId } = parseGenericId(id);
    const peer = world.agent(owner ?? "");
    const dag = peer?.store.dag(localId);
    return peer && dag && canReach(world, agent, peer) ? [dtoOf(call, peer)(dag)] : [];
  });
  return contentsOrNull(found);
}

async function maintenanceDags(world: World, agent: Agent): Promise<{ peer: Agent; dag: Dag }[]> {
  return (await answeringPeers(world, agent, "/api/v1/task/dag/maintain/agent")).flatMap((peer) => {
    const dag = peer.store.lastMaintenance();
    return dag ? [{ peer, dag }] : [];
  });
}
