import "server-only";
import { downOf, noteBack } from "../clusters/down-by-us";
import type { Topology } from "../clusters/schema";
import { readOurStops } from "../clusters/stopped-by-us";
import { glimpse } from "../clusters/topology";
import { storeNowMs } from "../db/store-clock";
import { openApprovals } from "./approvals";
import { openIntentsOf, type Intent } from "./intents";
import { findPlan } from "./plans";
import type { DownByUs, Standing, StandingStop } from "./schema";

/** A send takes no longer than this, unless its answer was lost. */
const SENDING_MS = 5_000;

/** What everybody on the cluster must know: a stop that is not over, and requests for approval (ux A-5, C-13). */
export async function readStanding(clusterId: string): Promise<Standing> {
  const [intents, approvals, nowMs] = await Promise.all([
    openIntentsOf(clusterId),
    openApprovals(clusterId),
    storeNowMs(),
  ]);
  const asked = approvals.map(async (approval) => {
    const { request, draft } = await findPlan(clusterId, approval.planId);
    const method = request.action === "stop" ? request.method : null;
    return { ...approval, action: request.action, method, servers: draft.targets.length };
  });
  const found = await Promise.allSettled(asked);
  return {
    stops: intents.map((intent) => toStanding(intent, glimpse(clusterId).topology, nowMs)),
    approvals: found.flatMap((one) => (one.status === "fulfilled" ? one.value : [])),
    down: await readDown(clusterId),
  };
}

/** By the last picture of the cluster: whoever watches it keeps that young. */
async function readDown(clusterId: string): Promise<DownByUs[]> {
  const ours = (await readOurStops(clusterId)).get(clusterId);
  const seen = glimpse(clusterId);
  await noteBack(ours, seen);
  return downOf(ours, seen.topology).map(({ stop, certainty, servers, zones }) => ({
    ...{ certainty, zones },
    ...{ runId: stop.runId, person: stop.person, since: stop.since, method: stop.method, scope: stop.scope },
    servers: servers.map((server) => server.address),
  }));
}

/** By the last picture: an agent that answers and does not tell about the run is not silent. */
const isSilent = (address: string, topology: Topology | null): boolean =>
  topology?.zones.some(({ servers }) =>
    servers.some((one) => one.address === address && one.agent?.answers === false),
  ) ?? false;

function toStanding(intent: Intent, topology: Topology | null, nowMs: number): StandingStop {
  const { planId, person, coordinator, openedAt, runId, silent, progress, request } = intent;
  const isNew = nowMs - Date.parse(openedAt) < SENDING_MS;
  const going = progress.silentSince === null ? "going" : "silent";
  const isOperation = intent.kind === "operation";
  const state = runId !== null || isOperation ? going : isNew ? "sending" : "looking";
  return {
    ...{ planId, person, coordinator, state },
    runId: isOperation ? request.runId : runId,
    action: request.action,
    method: request.method,
    servers: request.targets.length,
    since: state === "silent" && progress.silentSince !== null ? progress.silentSince : openedAt,
    silent: state === "silent" ? [coordinator].filter((address) => isSilent(address, topology)) : silent,
  };
}
