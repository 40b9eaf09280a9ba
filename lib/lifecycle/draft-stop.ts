import "server-only";
import { readZoneRecords } from "../clusters/down-by-us";
import type { Server, Topology } from "../clusters/schema";
import { blockersOf } from "./blockers";
import { judgeChecks } from "./checks";
import { askAgents } from "./ask-agents";
import { withClusterVerdict } from "./cluster-verdict";
import { chooseCoordinator } from "./coordinator";
import type { Judgement } from "./judgement";
import { impactOf } from "./impact";
import { planRunOf } from "./plan-run";
import { checkTakeover, readTakeover, withoutRun } from "./takeover";
import { stopCall } from "./plan-call";
import type { Block, StopRequest } from "./schema";
import { tierOf } from "./tier";

/** A stop, judged against the cluster as it stands. */
export async function draftStop(request: StopRequest, topology: Topology): Promise<Judgement> {
  const { method, releases, cancels } = request;
  const picked = new Set(request.servers);
  const targets = pickedServers(topology, picked);
  const takeover = cancels === null ? null : await readTakeover(topology, cancels);
  // What is cancelled first is no other run in the way. One that cannot be cancelled, or is over, is as any other.
  const isTaken = takeover !== null && takeover.refusal === null;
  const others = isTaken ? withoutRun(topology, takeover.run.id) : topology;
  const found = impactOf(others, picked, method);
  const estimated = isTaken ? { ...found, blocks: withoutStuck(found.blocks, targets) } : found;
  const { scope } = estimated;
  const coordinator = scope ? chooseCoordinator(topology, scope, method, picked) : null;
  const [facts, blockers, run, records] = await Promise.all([
    askAgents(request.clusterId, { method, impact: estimated, coordinator }),
    blockersOf(others, releases),
    takeover?.run ?? planRunOf(topology, request.continues),
    readZoneRecords(topology),
  ]);
  const impact = { ...estimated, majority: withClusterVerdict(others, picked, estimated, facts) };
  const planned = { action: "stop", method, impact, coordinator, facts, blockers, picked, records } as const;
  const judged = judgeChecks(topology, planned);
  const checks = takeover ? [...judged, checkTakeover(topology, takeover)] : judged;
  const released = blockers.filter((blocker) => blocker.chosen).map((blocker) => blocker.id);
  const version = coordinator?.agent?.version ?? topology.agentVersion;
  const call = scope ? stopCall(scope, method, isTaken ? [...released, takeover.run.id] : released, version) : null;
  const { tier, reasons } = tierOf(topology.cluster.environment, { action: "stop", method, impact, checks });
  return { impact, checks, tier, tierReasons: reasons, coordinator, blockers, run, call, targets };
}

/** Servers that the cancelled run left in the middle of their stop are exactly what its successor is for. */
function withoutStuck(blocks: readonly Block[], targets: readonly Server[]): Block[] {
  const stuck = new Set(targets.filter(({ state }) => state === "STOPPING").map(({ address }) => address));
  return blocks.flatMap((block) => {
    if (block.reason !== "not-stoppable") return [block];
    const servers = block.servers.filter((address) => !stuck.has(address));
    return servers.length > 0 ? [{ ...block, servers }] : [];
  });
}

/** The picked servers in the order of the topology. */
export const pickedServers = (topology: Topology, picked: ReadonlySet<string>): Server[] =>
  topology.zones.flatMap((zone) => zone.servers.filter((server) => picked.has(server.address)));
