import { failed, taskNotFound } from "../agent-error";
import type { Agent, TaskOwner } from "../agent";
import { noDatabase } from "../check-stop";
import type { Dag } from "../dag";
import { parseGenericId } from "../generic-id";
import { PeerError, reachPeer, refuseCaller } from "../peer-call";
import { thawed } from "../silence";
import { askPeersForDag } from "../storm";
import { isClusterAgent } from "./open";
import type { Call } from "./route";

/** The peer's own refusals are relayed as they are; a peer that cannot be reached is a dial error and 500. */
export async function forwardTo({ world, agent, method, path }: Call, owner: string): Promise<Agent> {
  const peer = world.agent(owner);
  if (!peer)
    throw failed(
      "Common.Unexpected",
      `${method === "GET" ? "Get" : "Post"} "http://${owner}${path}": dial tcp ${owner}: connect: connection refused`,
    );
  try {
    world.peerRequests.add({ from: agent.address, agent: owner, at: Date.now(), path });
    await reachPeer(world, peer, { method, path });
  } catch (error) {
    throw error instanceof PeerError ? failed("Common.Unexpected", error.relayed) : error;
  }
  refuseCaller(world, agent, peer);
  return peer;
}

/** Tasks of the cluster are rows of the database. */
export function requireDatabase({ world, agent }: Call): void {
  if (!isClusterAgent(world, agent)) throw failed("Agent.OceanBase.NotHold", "Agent is not holding OceanBase");
  if (world.database.stateAt(agent.address) !== 3) throw noDatabase(world, agent);
}

/** Since 4.2.6.0 an agent without a database asks the others for a DAG that it does not hold. */
export async function lookUpDag(call: Call, id: string): Promise<{ owner: TaskOwner; dag: Dag }> {
  const { world } = call;
  const { owner, localId } = parseGenericId(id);
  const agent = owner === null || owner === call.agent.address ? call.agent : await forwardTo(call, owner);
  const stored = owner === null ? world.clusterTasks : agent;
  const isHeld = owner !== null && stored.store.dag(localId) !== undefined;
  if (!isHeld) await thawed(world.faults, agent.address);
  const isLost = !isHeld && world.database.stateAt(agent.address) !== 3;
  const canTell = (peer: Agent): boolean => owner === null && world.database.stateAt(peer.address) === 3;
  const teller = isLost && world.has("4.2.6.0") ? await askPeersForDag(world, agent, targetOf(call), canTell) : null;
  if (owner === null && !teller) requireDatabase({ ...call, agent });
  const dag = stored.store.dag(localId);
  if (!dag) throw taskNotFound();
  return { owner: stored, dag };
}

const targetOf = ({ path, query }: Call): string => (query.size > 0 ? `${path}?${query}` : path);
