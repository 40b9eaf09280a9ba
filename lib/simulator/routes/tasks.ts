import { z } from "zod";
import { failed, messageOf, taskNotFound } from "../agent-error";
import type { Agent, TaskOwner } from "../agent";
import { bind } from "../check-scope";
import { logDtos, ownNodeDto, ownSubTaskDto } from "../dag-dto";
import { operateDag, operateNode } from "../dag-operations";
import { contentsOrNull } from "../envelope";
import { parseGenericId } from "../generic-id";
import { reachPeer, refuseCaller } from "../peer-call";
import { thawed } from "../silence";
import { askPeersForDag } from "../storm";
import { parameter, type Call, type Route } from "./route";
import { dtoOf, readingDatabase, taskListRoutes, wantsDetails } from "./task-lists";

/** Any agent takes any id: it answers for its own tasks and forwards the others to the agent written in the id. */
export const taskRoutes: readonly Route[] = [
  ...taskListRoutes,
  { method: "GET", path: "task/dag/:id", handle: findDag },
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
    world.peerRequests.add({ from: agent.address, agent: owner, at: Date.now(), path });
    await reachPeer(world, peer, { method, path });
  } catch (error) {
    throw failed("Common.Unexpected", messageOf(error));
  }
  refuseCaller(world, agent, peer);
  return peer;
}

/** Since 4.2.6.0 an agent without a database asks the others for a DAG that it does not hold. */
async function findDag(call: Call): Promise<unknown> {
  const { world } = call;
  const id = parameter(call, "id");
  const { owner, localId } = parseGenericId(id);
  const agent = owner === null || owner === call.agent.address ? call.agent : await forwardTo(call, owner);
  const stored = owner === null ? world.clusterTasks : agent;
  const holds = owner !== null && stored.store.dag(localId) !== undefined;
  if (!holds) await thawed(world.faults, agent.address);
  const isAble = (peer: Agent): boolean => owner === null && world.database.stateAt(peer.address) === 3;
  const isLost = !holds && world.database.stateAt(agent.address) !== 3;
  const { pathname, search } = { pathname: call.path, search: call.query.size > 0 ? `?${call.query}` : "" };
  const told =
    isLost && world.has("4.2.6.0") ? await askPeersForDag(world, agent, `${pathname}${search}`, isAble) : undefined;
  if (owner === null && !told) readingDatabase({ ...call, agent });
  const dag = stored.store.dag(localId);
  if (!dag) throw taskNotFound(id);
  return dtoOf(call, stored)(dag);
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
