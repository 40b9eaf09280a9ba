import { z } from "zod";
import { failed, messageOf, taskNotFound } from "../agent-error";
import type { Agent, TaskOwner, World } from "../agent";
import { bind } from "../check-scope";
import { noDatabase } from "../check-stop";
import { isUnfinished, type Dag } from "../dag";
import { dagDto, logDtos, ownNodeDto, ownSubTaskDto } from "../dag-dto";
import { operateDag, operateNode } from "../dag-operations";
import { contentsOrNull } from "../envelope";
import { parseGenericId } from "../generic-id";
import { answeringPeers, canReach, reachPeer, refuseCaller } from "../peer-call";
import { isClusterAgent } from "./open";
import { parameter, type Call, type Route } from "./route";

/** Any agent takes any id: it answers for its own tasks and forwards the others to the agent written in the id. */
export const taskRoutes: readonly Route[] = [
  { method: "GET", path: "task/dag/unfinish", handle: unfinished },
  {
    method: "GET",
    path: "task/dag/ob/unfinish",
    handle: (call) => contentsOrNull(clusterDags(call).filter(isUnfinished).map(dtoOf(call, call.world.clusterTasks))),
  },
  { method: "GET", path: "task/dag/agent/unfinish", handle: (call) => contentsOrNull(unfinishedAt(call, call.agent)) },
  { method: "GET", path: "task/dag/maintain/ob", handle: clusterMaintenance },
  { method: "GET", path: "task/dag/maintain/agent", handle: lastMaintenance },
  { method: "GET", path: "task/dag/maintain/agents", handle: lastMaintenanceOfAll },
  { method: "GET", path: "task/dag/agent/main_dags", since: "4.3.0.0", handle: mainDags },
  {
    method: "GET",
    path: "task/dags/ob",
    since: "4.3.0.0",
    handle: (call) => contentsOrNull(clusterDags(call).map(dtoOf(call, call.world.clusterTasks))),
  },
  { method: "GET", path: "task/dags/agent", since: "4.3.0.0", handle: allDags },
  { method: "GET", path: "task/dag/:id", handle: atOwner(readDag) },
  { method: "GET", path: "task/node/:id", handle: atOwner(readNode) },
  { method: "GET", path: "task/sub_task/:id", handle: atOwner(readSubTask) },
  { method: "GET", path: "task/sub_task/:id/logs", since: "4.3.0.0", handle: atOwner(readLogs) },
  { method: "POST", path: "task/dag/:id", isWrite: true, handle: atOwner(changeDag) },
  // The forward of a node operation drops the body, so it has to be sent to the owner.
  { method: "POST", path: "task/node/:id", since: "4.3.1.0", isWrite: true, handle: atOwner(changeNode, {}) },
];

/** A task where it is stored: at an agent, or in the database. */
interface Stored {
  readonly call: Call;
  readonly owner: TaskOwner;
  readonly localId: number;
  readonly id: string;
}
type OwnerHandler = (stored: Stored) => unknown;

function atOwner(handle: OwnerHandler, forwardedBody?: unknown): (call: Call) => Promise<unknown> {
  return async (call) => {
    const id = parameter(call, "id");
    const { owner, localId } = parseGenericId(id);
    if (owner === null) {
      readingDatabase(call);
      return handle({ call, owner: call.world.clusterTasks, localId, id });
    }
    if (owner === call.agent.address) return handle({ call, owner: call.agent, localId, id });
    const peer = await forwardTo(call, owner);
    return handle({ call: { ...call, agent: peer, body: forwardedBody ?? call.body }, owner: peer, localId, id });
  };
}

/** The peer's own refusals are relayed as they are; a peer that cannot be reached is a dial error and 500. */
async function forwardTo({ world, agent, method, path }: Call, owner: string): Promise<Agent> {
  const peer = world.agent(owner);
  if (!peer)
    throw failed(
      "Common.Unexpected",
      `${method} "http://${owner}${path}": dial tcp ${owner}: connect: connection refused`,
    );
  try {
    await reachPeer(world, peer, { method, path });
  } catch (error) {
    throw failed("Common.Unexpected", messageOf(error));
  }
  refuseCaller(world, agent, peer);
  return peer;
}

function readDag({ call, owner, localId, id }: Stored): unknown {
  const dag = owner.store.dag(localId);
  if (!dag) throw taskNotFound(id);
  return dtoOf(call, owner)(dag);
}

function readNode({ call: { query }, owner, localId, id }: Stored): unknown {
  const found = owner.store.node(localId);
  if (!found) throw taskNotFound(id);
  if (!wantsDetails(query)) throw new TypeError("nil dereference: the agent reads sub tasks that were not loaded");
  return ownNodeDto(owner, found.dag, found.node);
}

function readSubTask({ owner, localId, id }: Stored): unknown {
  const found = owner.store.subTask(localId);
  if (!found) throw taskNotFound(id);
  return ownSubTaskDto(owner, found.dag, found.node, found.subTask);
}

function readLogs({ owner, localId, id }: Stored): unknown {
  const found = owner.store.subTask(localId);
  if (!found) throw taskNotFound(id);
  return contentsOrNull(logDtos(found.subTask));
}

const operatorSchema = z.object({ operator: z.string().min(1) });

function changeDag({ call: { agent, body }, owner, localId, id }: Stored): undefined {
  const { operator } = bind(operatorSchema, body);
  const dag = owner.store.dag(localId);
  if (!dag) throw taskNotFound(id);
  operateDag(agent, dag, operator);
}

function changeNode({ call: { agent, body }, owner, localId, id }: Stored): undefined {
  const { operator } = bind(operatorSchema, body);
  const found = owner.store.node(localId);
  if (!found) throw taskNotFound(id);
  operateNode(agent, found.dag, found.node, operator);
}

const FALSE_WORDS = ["false", "0", "f", "F", "FALSE", "False"];
const wantsDetails = (query: URLSearchParams): boolean => !FALSE_WORDS.includes(query.get("show_details") ?? "true");

const dtoOf =
  ({ world, query }: Call, owner: TaskOwner) =>
  (dag: Dag): unknown =>
    dagDto(world, owner, dag, wantsDetails(query));

/** Of all agents that can be reached, and of the cluster where this agent has a database to ask. */
async function unfinished(call: Call): Promise<unknown> {
  const { world, agent } = call;
  if (!isClusterAgent(world, agent)) return contentsOrNull(unfinishedAt(call, agent));
  const reachable = await answeringPeers(world, agent);
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

/** Tasks of the cluster are rows of the database: since 4.2.6.0 an agent without one asks the others for theirs. */
function readingDatabase({ world, agent }: Call): void {
  if (!isClusterAgent(world, agent)) throw failed("Agent.OceanBase.NotHold", "the agent holds no database connection");
  const able = (peer: Agent): boolean => world.database.stateAt(peer.address) === 3 && canReach(world, agent, peer);
  if (able(agent) || (world.has("4.2.6.0") && world.agents.some(able))) return;
  throw noDatabase(world, agent);
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
  return (await answeringPeers(world, agent)).flatMap((peer) => {
    const dag = peer.store.lastMaintenance();
    return dag ? [{ peer, dag }] : [];
  });
}
