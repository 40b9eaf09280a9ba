import { AgentError, logLineOf, messageOf, taskNotFound } from "./agent-error";
import type { Agent, World } from "./agent";
import type { Dag, MainRun, StepRun } from "./dag";
import { operateDag } from "./dag-operations";
import { parseGenericId } from "./generic-id";
import { callPeer, type PeerRequest } from "./peer-call";

/** One start or stop as its coordinator carries it out. */
export interface Deal {
  readonly world: World;
  readonly coordinator: Agent;
  readonly run: MainRun;
}

/** How an error looks inside another log line. */
export const remoteText = (error: unknown): string =>
  error instanceof AgentError ? `[${error.errCode}]: ${error.message}` : messageOf(error);

export async function passAll(deal: Deal, stepRun: StepRun): Promise<boolean> {
  let arePassed = true;
  for (const [address, { id }] of deal.run.subDags) {
    if (!(await operateSubDag(deal, id, "PASS", stepRun, `${address} failed to end the task : `))) arePassed = false;
    stepRun.log(`${address} end the task`);
  }
  return arePassed;
}

/** Reads another agent's sub DAG; a failure is logged and the poll goes on. */
export async function readSubDag(deal: Deal, id: string, { log, signal }: StepRun): Promise<Dag | undefined> {
  try {
    return await atOwner(deal, id, { method: "GET" }, (_agent, dag) => dag, signal);
  } catch (error) {
    signal.throwIfAborted();
    log(`WARN: ${messageOf(error)}`);
    return undefined;
  }
}

export async function operateSubDag(
  deal: Deal,
  id: string,
  operator: "RETRY" | "CANCEL" | "PASS",
  { log, signal }: StepRun,
  prefix = "",
): Promise<boolean> {
  try {
    const call = operator === "RETRY" ? "advance" : "end";
    await atOwner(deal, id, { method: "POST", call }, (agent, dag) => operateDag(agent, dag, operator), signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    log(prefix === "" ? logLineOf(error, deal.world.has("4.3.1.0")) : `ERROR: ${prefix}${remoteText(error)}`);
    return false;
  }
}

function atOwner<T>(
  { world, coordinator }: Deal,
  id: string,
  how: Pick<PeerRequest, "method" | "call">,
  answer: (agent: Agent, dag: Dag) => T,
  signal: AbortSignal,
): Promise<T> {
  const { owner, localId } = parseGenericId(id);
  const agent = world.agent(owner ?? "");
  if (!agent) throw taskNotFound(id);
  const ask = (): T => {
    const dag = agent.store.dag(localId);
    if (!dag) throw taskNotFound(id);
    return answer(agent, dag);
  };
  return callPeer(world, coordinator, agent, { ...how, path: `/api/v1/task/dag/${id}` }, ask, signal);
}
