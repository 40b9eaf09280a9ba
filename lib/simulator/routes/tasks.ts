import { z } from "zod";
import { failed, messageOf, taskNotFound } from "../agent-error";
import type { Agent, World } from "../agent";
import { bind } from "../check-scope";
import { isUnfinished, type Dag } from "../dag";
import { dagDto, logDtos, ownNodeDto, ownSubTaskDto } from "../dag-dto";
import { operateDag, operateNode } from "../dag-operations";
import { contentsOrNull } from "../envelope";
import { parseGenericId } from "../generic-id";
import { canReach, reachPeer, refuseCaller } from "../peer-call";
import { parameter, type Call, type Route } from "./route";

/** Any agent takes any id: it answers for its own tasks and forwards the others to the agent written in the id. */
export const taskRoutes: readonly Route[] = [
  { method: "GET", path: "task/dag/unfinish", handle: (call) => unfinished(call, call.world.agents) },
  { method: "GET", path: "task/dag/ob/unfinish", handle: () => contentsOrNull([]) },
  { method: "GET", path: "task/dag/agent/unfinish", handle: (call) => unfinished(call, [call.agent]) },
  { method: "GET", path: "task/dag/maintain/ob", handle: noClusterMaintenance },
  { method: "GET", path: "task/dag/maintain/agent", handle: lastMaintenance },
  { method: "GET", path: "task/dag/maintain/agents", handle: lastMaintenanceOfAll },
  { method: "GET", path: "task/dag/agent/main_dags", since: "4.3.0.0", handle: mainDags },
  { method: "GET", path: "task/dags/ob", since: "4.3.0.0", handle: () => contentsOrNull([]) },
  { method: "GET", path: "task/dags/agent", since: "4.3.0.0", handle: allDags },
  { method: "GET", path: "task/dag/:id", handle: atOwner(readDag) },
  { method: "GET", path: "task/node/:id", handle: atOwner(readNode) },
  { method: "GET", path: "task/sub_task/:id", handle: atOwner(readSubTask) },
  { method: "GET", path: "task/sub_task/:id/logs", since: "4.3.0.0", handle: atOwner(readLogs) },
  { method: "POST", path: "task/dag/:id", isWrite: true, handle: atOwner(changeDag) },
  // The forward of a node operation drops the body, so it has to be sent to the owner.
  { method: "POST", path: "task/node/:id", since: "4.3.1.0", isWrite: true, handle: atOwner(changeNode, {}) },
];

type OwnerHandler = (call: Call, localId: number, id: string) => unknown;

function atOwner(handle: OwnerHandler, forwardedBody?: unknown): (call: Call) => Promise<unknown> {
  return async (call) => {
    const id = parameter(call, "id");
    const { owner, localId } = parseGenericId(id);
    if (owner === null) throw taskNotFound(id);
    if (owner === call.agent.address) return handle(call, localId, id);
    const peer = await forwardTo(call, owner);
    return handle({ ...call, agent: peer, body: forwardedBody ?? call.body }, localId, id);
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

function readDag({ world, agent, query }: Call, localId: number, id: string): unknown {
  const dag = agent.store.dag(localId);
  if (!dag) throw taskNotFound(id);
  return dagDto(world, agent, dag, wantsDetails(query));
}

function readNode({ agent, query }: Call, localId: number, id: string): unknown {
  const found = agent.store.node(localId);
  if (!found) throw taskNotFound(id);
  if (!wantsDetails(query)) throw new TypeError("nil dereference: the agent reads sub tasks that were not loaded");
  return ownNodeDto(agent, found.dag, found.node);
}

function readSubTask({ agent }: Call, localId: number, id: string): unknown {
  const found = agent.store.subTask(localId);
  if (!found) throw taskNotFound(id);
  return ownSubTaskDto(agent, found.dag, found.node, found.subTask);
}

function readLogs({ agent }: Call, localId: number, id: string): unknown {
  const found = agent.store.subTask(localId);
  if (!found) throw taskNotFound(id);
  return contentsOrNull(logDtos(found.subTask));
}

const operatorSchema = z.object({ operator: z.string().min(1) });

function changeDag({ agent, body }: Call, localId: number, id: string): undefined {
  const { operator } = bind(operatorSchema, body);
  const dag = agent.store.dag(localId);
  if (!dag) throw taskNotFound(id);
  operateDag(agent, dag, operator);
}

function changeNode({ agent, body }: Call, localId: number, id: string): undefined {
  const { operator } = bind(operatorSchema, body);
  const found = agent.store.node(localId);
  if (!found) throw taskNotFound(id);
  operateNode(agent, found.dag, found.node, operator);
}

const FALSE_WORDS = ["false", "0", "f", "F", "FALSE", "False"];
const wantsDetails = (query: URLSearchParams): boolean => !FALSE_WORDS.includes(query.get("show_details") ?? "true");

function unfinished({ world, agent, query }: Call, agents: readonly Agent[]): unknown {
  const reachable = agents.filter((peer) => canReach(world, agent, peer));
  return contentsOrNull(
    reachable.flatMap((peer) =>
      peer.store
        .all()
        .filter(isUnfinished)
        .map((dag) => dagDto(world, peer, dag, wantsDetails(query))),
    ),
  );
}

function allDags({ world, agent, query }: Call): unknown {
  return contentsOrNull(agent.store.all().map((dag) => dagDto(world, agent, dag, wantsDetails(query))));
}

function noClusterMaintenance(): never {
  throw taskNotFound("no maintenance dag");
}

function lastMaintenance({ world, agent, query }: Call): unknown {
  const dag = agent.store.lastMaintenance();
  if (!dag) throw taskNotFound("no maintenance dag");
  return dagDto(world, agent, dag, wantsDetails(query));
}

function lastMaintenanceOfAll({ world, agent, query }: Call): unknown {
  if (!agent.store.lastMaintenance()) throw new TypeError("nil dereference: this agent never had a maintenance dag");
  return contentsOrNull(
    maintenanceDags(world, agent).map(({ peer, dag }) => dagDto(world, peer, dag, wantsDetails(query))),
  );
}

/** The distinct main DAGs whose sub DAGs still hold a lock somewhere. */
function mainDags({ world, agent, query }: Call): unknown {
  const ids = new Set(
    maintenanceDags(world, agent)
      .filter(({ dag }) => dag.state !== "SUCCEED")
      .flatMap(({ dag }) => (dag.work.kind === "sub" ? dag.work.mainDagId : [])),
  );
  const found = [...ids].flatMap((id) => {
    const { owner, localId } = parseGenericId(id);
    const peer = world.agent(owner ?? "");
    const dag = peer?.store.dag(localId);
    return peer && dag && canReach(world, agent, peer) ? [dagDto(world, peer, dag, wantsDetails(query))] : [];
  });
  return contentsOrNull(found);
}

function maintenanceDags(world: World, agent: Agent): { peer: Agent; dag: Dag }[] {
  return world.agents
    .filter((peer) => canReach(world, agent, peer))
    .flatMap((peer) => {
      const dag = peer.store.lastMaintenance();
      return dag ? [{ peer, dag }] : [];
    });
}
