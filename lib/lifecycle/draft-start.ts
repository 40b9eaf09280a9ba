import "server-only";
import { readZoneRecords } from "../clusters/down-by-us";
import type { Topology } from "../clusters/schema";
import { askAgents } from "./ask-agents";
import { blockersOf } from "./blockers";
import { judgeChecks } from "./checks";
import { chooseStarter } from "./coordinator";
import type { Judgement } from "./judgement";
import { pickedServers } from "./draft-stop";
import { startCall } from "./plan-call";
import { planRunOf } from "./plan-run";
import type { StartRequest } from "./schema";
import { startImpactOf } from "./start-impact";
import { tierOf } from "./tier";

/** A start, judged against the cluster as it stands. */
export async function draftStart(request: StartRequest, topology: Topology): Promise<Judgement> {
  const picked = new Set(request.servers);
  const targets = pickedServers(topology, picked);
  const impact = startImpactOf(topology, picked);
  const { scope } = impact;
  const coordinator = scope ? chooseStarter(topology, picked) : null;
  const [facts, blockers, run, records] = await Promise.all([
    askAgents(request.clusterId, { method: null, impact, coordinator }),
    blockersOf(topology, request.releases),
    planRunOf(topology, request.continues),
    readZoneRecords(topology),
  ]);
  const planned = { action: "start", method: null, impact, coordinator, facts, blockers, picked, records } as const;
  const checks = judgeChecks(topology, planned);
  const released = blockers.filter((blocker) => blocker.chosen).map((blocker) => blocker.id);
  const call = scope ? startCall(scope, released) : null;
  const { tier, reasons } = tierOf(topology.cluster.environment, { action: "start", method: null, impact, checks });
  return { impact, checks, tier, tierReasons: reasons, coordinator, blockers, run, call, targets };
}
