import "server-only";
import { agentOf } from "../clusters/registry";
import { knownAgents, readTopology } from "../clusters/topology";
import { AppError, isAppError, type FailureKind } from "../errors";
import type { AgentClient } from "../obshell/client";
import { decodeTaskId, taskOwner } from "../obshell/wire/task-id";

/** Kinds that mean: this agent could not be heard, which says nothing about the task. */
const SILENT: ReadonlySet<FailureKind> = new Set([
  "agent-unreachable",
  "agent-timeout",
  "answer-unreadable",
  "tls-failed",
  "peer-failed",
]);
const RELAYS = 2;

export const isSilent = (error: unknown): boolean => isAppError(error) && SILENT.has(error.kind);

/**
 * The agent that holds a task; null for a task of the cluster itself, which any agent can read. An id comes from outside
 * and names the host that would be asked with the cluster's password, so an agent that is not of this cluster is refused.
 */
export async function ownerOf(clusterId: string, taskId: string): Promise<string | null> {
  if (!decodeTaskId(taskId)) throw new AppError("task-id-invalid", { params: { id: taskId } });
  const owner = taskOwner(taskId);
  if (owner === null && decodeTaskId(taskId)?.owner === "cluster") return null;
  if (owner !== null && knownAgents(clusterId).includes(owner)) return owner;
  await readTopology(clusterId).catch(() => undefined);
  if (owner !== null && knownAgents(clusterId).includes(owner)) return owner;
  throw new AppError("run-unknown", { params: { id: taskId, address: owner ?? "", why: "stranger" } });
}

/** Asks the agent that holds a task, and when that one is silent two others that pass the question on to it. */
export async function askOwner<T>(
  clusterId: string,
  taskId: string,
  ask: (agent: AgentClient) => Promise<T>,
): Promise<T> {
  const owner = await ownerOf(clusterId, taskId);
  const others = knownAgents(clusterId).filter((address) => address !== owner);
  const askAny = (addresses: readonly string[]) =>
    Promise.any(addresses.slice(0, RELAYS).map((address) => ask(agentOf(clusterId, address))));
  try {
    if (owner !== null) return await ask(agentOf(clusterId, owner));
  } catch (error) {
    if (!isSilent(error)) throw error;
    return askAny(others).catch(() => {
      throw error;
    });
  }
  return askAny(others).catch((error: unknown) => {
    throw error instanceof AggregateError && error.errors.length > 0
      ? error.errors[0]
      : new AppError("agent-unreachable");
  });
}
