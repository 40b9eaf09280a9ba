import { failed, logLineOf, messageOf, taskNotFound } from "./agent-error";
import type { Agent, World } from "./agent";
import type { Dag, MainRun, StepRun } from "./dag";
import { operateDag } from "./dag-operations";
import { parseGenericId } from "./generic-id";
import { callPeer, isTimedOut, PeerError, timedOut, type PeerRequest } from "./peer-call";

/** One start or stop as its coordinator carries it out. */
export interface Deal {
  readonly world: World;
  readonly coordinator: Agent;
  readonly run: MainRun;
}

/** A line that an agent words itself, where something went wrong. */
export const ownErrorLine = (world: World, text: string): string => logLineOf(new Error(text), world.has("4.3.1.0"));

export async function passAll(deal: Deal, stepRun: StepRun): Promise<boolean> {
  let arePassed = true;
  for (const [address, { id }] of deal.run.subDags) {
    if (!(await operateSubDag(deal, id, "PASS", stepRun, `${address} failed to end the task : `))) arePassed = false;
    stepRun.log(`${address} end the task`);
  }
  return arePassed;
}

/** Reads another agent's sub DAG; a failure is logged, as a warning or as an error, and the poll goes on. */
export async function readSubDag(
  deal: Deal,
  id: string,
  { log, signal }: StepRun,
  lineOf = (error: unknown): string => `WARN: ${messageOf(error)}`,
): Promise<Dag | undefined> {
  try {
    return await atOwner(deal, id, { method: "GET" }, (_agent, dag) => dag, signal);
  } catch (error) {
    signal.throwIfAborted();
    log(lineOf(error));
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
    if (prefix === "") log(logLineOf(error, deal.world.has("4.3.1.0")));
    else log(ownErrorLine(deal.world, `${prefix}${messageOf(error)}`));
    return false;
  }
}

/**
 * A coordinator asks itself by HTTP, and passes that on to the owner. So its log speaks of a request to itself, whose
 * answer carries the owner's words, or those of the network library.
 */
async function atOwner<T>(
  { world, coordinator }: Deal,
  id: string,
  how: Pick<PeerRequest, "method" | "call">,
  answer: (agent: Agent, dag: Dag) => T,
  signal: AbortSignal,
): Promise<T> {
  const { owner, localId } = parseGenericId(id);
  const agent = world.agent(owner ?? "");
  if (!agent) throw taskNotFound();
  const request = { ...how, path: `/api/v1/task/dag/${id}` };
  const ask = (): T => {
    const dag = agent.store.dag(localId);
    if (!dag) throw taskNotFound();
    return answer(agent, dag);
  };
  try {
    return await callPeer(world, coordinator, agent, request, ask, signal);
  } catch (error) {
    signal.throwIfAborted();
    // The outer request began first, so it is the one that runs out of time.
    if (isTimedOut(error)) throw timedOut(coordinator, request);
    const relayed = error instanceof PeerError ? error.relayed : messageOf(error);
    const text = `Request [${request.method}]${request.path} to ${coordinator.address} error: ${relayed}`;
    throw failed("Agent.RPC.RequestError", text);
  }
}
