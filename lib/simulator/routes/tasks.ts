import { z } from "zod";
import { badRequest, taskNotFound } from "../agent-error";
import type { TaskOwner } from "../agent";
import { bind } from "../check-scope";
import { logDtos, ownNodeDto, ownSubTaskDto } from "../dag-dto";
import { operateDag, operateNode } from "../dag-operations";
import { parseGenericId } from "../generic-id";
import { forwardTo, lookUpDag, requireDatabase } from "./look-up-dag";
import { parameter, type Call, type Route } from "./route";
import { dtoOf, taskListRoutes, wantsDetails } from "./task-lists";

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
}
type OwnerHandler = (stored: Stored) => unknown;

function atOwner(handle: OwnerHandler, forwardedBody?: unknown): (call: Call) => Promise<unknown> {
  return async (call) => {
    const id = parameter(call, "id");
    const { owner, localId } = parseGenericId(id);
    if (owner === null) {
      requireDatabase(call);
      return handle({ call, owner: call.world.clusterTasks, localId });
    }
    if (owner === call.agent.address) return handle({ call, owner: call.agent, localId });
    const peer = await forwardTo(call, owner);
    return handle({ call: { ...call, agent: peer, body: forwardedBody ?? call.body }, owner: peer, localId });
  };
}

async function findDag(call: Call): Promise<unknown> {
  const { owner, dag } = await lookUpDag(call, parameter(call, "id"));
  return dtoOf(call, owner)(dag);
}

function readNode({ call: { query }, owner, localId }: Stored): unknown {
  const found = owner.store.node(localId);
  if (!found) throw taskNotFound();
  if (!wantsDetails(query)) throw new TypeError("nil dereference: the agent reads sub tasks that were not loaded");
  return ownNodeDto(owner, found.dag, found.node);
}

function readSubTask({ owner, localId }: Stored): unknown {
  const found = owner.store.subTask(localId);
  if (!found) throw taskNotFound();
  return ownSubTaskDto(owner, found.dag, found.node, found.subTask);
}

function readLogs({ owner, localId }: Stored): unknown {
  const found = owner.store.subTask(localId);
  return { contents: found ? logDtos(found.subTask) : [] };
}

const operatorSchema = z.object({ operator: z.string().min(1) });

function changeDag({ call: { agent, body }, owner, localId }: Stored): undefined {
  const { operator } = bind(operatorSchema, body);
  const dag = owner.store.dag(localId);
  if (!dag) throw taskNotFound();
  operateDag(agent, dag, operator);
}

function changeNode({ call: { agent, body }, owner, localId }: Stored): undefined {
  const { operator } = bind(operatorSchema, body);
  if (operator.toUpperCase() !== "PASS")
    throw badRequest("Task.Node.Operator.NotSupport", `Operator ${operator} is not supported`);
  const found = owner.store.node(localId);
  if (!found) throw taskNotFound();
  operateNode(agent, found.dag, found.node);
}
