import { AgentError, messageOf, unauthorized } from "./agent-error";
import type { Agent, World } from "./agent";
import { isSilent, thawed } from "./silence";

/** An agent gives up on a silent peer after this long. Source: OBShell agent source, lib/http. */
export const PEER_TIMEOUT_MS = 180_000;
const SHORTEST_LATENCY_MS = 3;

export interface PeerRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** What a coordinator is about with this call, for faults that lose exactly those. */
  readonly call?: "create" | "advance" | "end";
}

/**
 * One agent asks another. The call is made in this process, but it fails the way the network and the peer's own checks
 * would make it fail. The peer's refusal loses its error code: only the message comes back.
 */
export async function callPeer<T>(
  world: World,
  from: Agent,
  to: Agent,
  request: PeerRequest,
  answer: () => T | Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (from === to) return answer();
  await reachPeer(world, to, request, signal);
  const loss = world.faults.find(to.address, "rpc-lost");
  const isLost = loss !== undefined && loss.call === request.call;
  if (isLost && !loss.carriedOut) throw lost(to, request, "read: connection reset by peer");
  try {
    refuseCaller(world, from, to);
    const answered = await inTime(world, to, request, answer(), signal);
    if (!isLost) return answered;
  } catch (error) {
    if (isUnanswered(error)) throw error;
    throw new PeerError(
      "Agent.RPC.RequestError",
      `Request [${request.method}]${request.path} to ${to.address} error: ${messageOf(error)}`,
      messageOf(error),
    );
  }
  throw lost(to, request, "EOF");
}

/** The caller hangs up on an answer that takes too long; the peer goes on with what it was told to do. */
async function inTime<T>(
  { timeline }: World,
  to: Agent,
  request: PeerRequest,
  answer: T | Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  const answered = new AbortController();
  const giveUp = () => answered.abort();
  if (signal?.aborted) giveUp();
  signal?.addEventListener("abort", giveUp, { once: true });
  const hangUp = async (): Promise<never> => {
    await timeline.sleep(PEER_TIMEOUT_MS, answered.signal);
    throw lost(to, request, TIMED_OUT);
  };
  try {
    return await Promise.race([answer, hangUp()]);
  } finally {
    signal?.removeEventListener("abort", giveUp);
    answered.abort();
    answer.catch(() => undefined);
  }
}

const TIMED_OUT = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";

/** What one agent says of a request to another: to whom it answers itself, or in its own log. */
export class PeerError extends AgentError {
  constructor(
    errCode: string,
    message: string,
    /** What it says to whom it only forwards: the other's own words, or those of its network library. */
    readonly relayed: string,
  ) {
    super(errCode, 500, message);
  }
}

/** What a request to another agent comes to when it takes too long. */
export const timedOut = (to: Agent, request: PeerRequest): PeerError => lost(to, request, TIMED_OUT);

function lost(to: Agent, request: PeerRequest, reason: string): PeerError {
  const { method, path } = request;
  const relayed = `${method === "GET" ? "Get" : "Post"} "http://${to.address}${path}": ${reason}`;
  const message = `Request [${method}]${to.address} to ${path} failed: ${relayed}`;
  return new PeerError("Agent.RPC.RequestFailed", message, relayed);
}

export const isTimedOut = (error: unknown): boolean => messageOf(error).endsWith(TIMED_OUT);

const isUnanswered = (error: unknown): boolean =>
  error instanceof AgentError && error.errCode === "Agent.RPC.RequestFailed";

/** Waits for the network; a peer that cannot be reached, or whose answer cannot be read, is a failed request. */
export async function reachPeer(world: World, to: Agent, request: PeerRequest, signal?: AbortSignal): Promise<void> {
  const { faults, timeline } = world;
  await timeline.sleep(SHORTEST_LATENCY_MS + (to.index % 6), signal);
  if (faults.has(to.address, "agent-down"))
    throw lost(to, request, `dial tcp ${to.address}: connect: connection refused`);
  if (isSilent(faults, to.address)) {
    await timeline.sleep(PEER_TIMEOUT_MS, signal);
    throw lost(to, request, TIMED_OUT);
  }
  await timeline.sleep(faults.find(to.address, "slow")?.delayMs ?? 0, signal);
  if (faults.has(to.address, "truncated")) throw lost(to, request, "unexpected EOF");
  if (faults.has(to.address, "garbage"))
    throw lost(to, request, "invalid character '<' looking for beginning of value");
}

/** Agents sign with the root password and a lifetime that grew from 1 s to 10 s in 4.3.2.0. */
export function refuseCaller(world: World, from: Agent, to: Agent): void {
  const lifetimeMs = world.has("4.3.2.0") ? 10_000 : 1_000;
  if (passwordOf(world, from) !== "" && to.now() - from.now() > lifetimeMs)
    throw unauthorized("Expired", "Unauthorized: Authentication expired");
  if (passwordOf(world, from) !== passwordOf(world, to))
    throw unauthorized("IncorrectOceanbasePassword", "Unauthorized: OceanBase password is incorrect");
}

/** The password this agent expects and signs with. */
export const passwordOf = (world: World, agent: Agent): string =>
  world.faults.has(agent.address, "wrong-password") ? `${world.password}-changed` : world.password;

/** Whether a peer would answer a read at all, without waiting for it. */
export const canReach = (world: World, from: Agent, to: Agent): boolean => {
  if (from === to) return true;
  const kinds = ["agent-down", "truncated", "garbage"] as const;
  if (isSilent(world.faults, to.address) || kinds.some((kind) => world.faults.has(to.address, kind))) return false;
  try {
    refuseCaller(world, from, to);
    return true;
  } catch {
    return false;
  }
};

/**
 * The agents that answer a question put to all. They are asked one after the other, each when the one before has
 * answered: one that is silent, or whose observer is frozen, holds up the rest until the caller gives up on it.
 */
export async function answeringPeers(world: World, agent: Agent, path: string): Promise<Agent[]> {
  const answering: Agent[] = [];
  for (const peer of world.agents) {
    if (peer !== agent && !(await answersInTime(world, agent, peer, path))) continue;
    if (canReach(world, agent, peer)) answering.push(peer);
  }
  return answering;
}

/**
 * The agent itself, or, while it has no usable database, the first that says it has one. They are asked one after the
 * other, so a silent one holds up the search. Source: OBShell agent source, executor/ob getAgentWithAvailableOB.
 */
export async function agentWithDatabase(world: World, agent: Agent): Promise<Agent> {
  const isAble = (peer: Agent): boolean => world.database.stateAt(peer.address) === 3;
  if (isAble(agent)) return agent;
  for (const peer of world.agents) {
    if (peer === agent) continue;
    const path = "/api/v1/status?ob_query_timeout=2000000";
    if ((await answersInTime(world, agent, peer, path)) && canReach(world, agent, peer) && isAble(peer)) return peer;
  }
  return agent;
}

/** Waits for an answer as long as an agent waits, and says whether one came. A refused connection is one. */
export async function answersInTime(
  { faults, timeline, peerRequests }: World,
  from: Agent,
  to: Agent,
  path: string,
): Promise<boolean> {
  peerRequests.add({ from: from.address, agent: to.address, at: Date.now(), path });
  if (isSilent(faults, to.address)) {
    await timeline.sleep(PEER_TIMEOUT_MS);
    return false;
  }
  const slow = faults.find(to.address, "slow");
  if (slow) await timeline.sleep(slow.delayMs);
  if (!faults.has(to.address, "observer-frozen")) return true;
  const given = new AbortController();
  const isThawed = thawed(faults, to.address).then(() => true);
  const isGivenUp = timeline.sleep(PEER_TIMEOUT_MS, given.signal).then(
    () => false,
    () => false,
  );
  return Promise.race([isThawed, isGivenUp]).finally(() => given.abort());
}
