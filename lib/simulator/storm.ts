import type { Agent, World } from "./agent";
import { answersInTime, canReach, PEER_TIMEOUT_MS } from "./peer-call";

/** Where real agents go on up to their limit of open files, this many requests are made and counted. */
const STORM_REQUESTS = 1_000;
const PAUSE_MS = 1;

/**
 * An agent without a database that lacks a DAG asks all others for it, one after the other, in the words in which it
 * was asked. Who cannot tell either asks back, and so does who passes the question on to the owner, which is the asker.
 * Source: OBShell agent source, executor/task GetDagDetail.
 */
export async function askPeersForDag(
  world: World,
  agent: Agent,
  path: string,
  canTell: (peer: Agent) => boolean,
): Promise<Agent | undefined> {
  for (const peer of world.agents) {
    if (peer === agent) continue;
    const isReached = canReach(world, agent, peer);
    if (!isReached || canTell(peer)) await answersInTime(world, agent, peer, path);
    if (isReached && canTell(peer)) return peer;
    if (isReached) await storm(world, { from: agent, to: peer, path }, canTell);
  }
  return undefined;
}

interface Question {
  readonly from: Agent;
  readonly to: Agent;
  readonly path: string;
}

async function storm(world: World, { from, to, path }: Question, canTell: (peer: Agent) => boolean): Promise<void> {
  let [asker, asked] = [from, to];
  for (let made = 0; made < STORM_REQUESTS; made += 1) {
    world.peerRequests.add({ from: asker.address, agent: asked.address, at: Date.now(), path });
    if (canTell(asked)) return;
    const next = world.agents.find((agent) => agent !== asked && canReach(world, asked, agent));
    if (!next) return;
    [asker, asked] = [asked, next];
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
  }
  // No answer comes before the first asker hangs up.
  await world.timeline.sleep(PEER_TIMEOUT_MS);
}
