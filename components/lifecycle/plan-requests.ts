import type { Plan, PlanRequest } from "@/lib/lifecycle/schema";
import { readMethod, readSelection, takeFollowUp } from "./selection-store";

/** What the stop page reviews: what a run's page asked for, or the selection. null: nothing is picked. */
export function askedStop(clusterId: string): PlanRequest | null {
  const asked = takeFollowUp(clusterId);
  const servers = [...(asked?.servers ?? readSelection(clusterId))];
  if (servers.length === 0) return null;
  const method = asked ? (asked.method ?? "stop") : readMethod(clusterId);
  const { continues = null, cancels = null } = asked ?? {};
  return { action: "stop", clusterId, servers, method, releases: [], continues, cancels };
}

/** The request of a plan that was made elsewhere, for whoever reviews it again. */
export function requestOf(plan: Plan): PlanRequest {
  const { action, continues, cancels, run } = plan;
  const clusterId = plan.cluster.id;
  const servers = plan.targets.map((target) => target.address);
  const releases = plan.blockers.filter((blocker) => blocker.chosen).map((blocker) => blocker.id);
  const runId = run?.id ?? "";
  switch (action) {
    case "stop":
      return { action, clusterId, servers, method: plan.method ?? "stop", releases, continues, cancels };
    case "start":
      return { action, clusterId, servers, releases, continues };
    case "release":
      return { action, clusterId, runIds: [runId], agents: plan.parts.map((part) => part.agent) };
    default:
      return { action, clusterId, runId };
  }
}

/** The same once more: Force only while it is still on, because it has no memory (ux F-2). */
export const requestAgain = (request: PlanRequest): PlanRequest =>
  request.action === "stop" && request.method === "force" && readMethod(request.clusterId) !== "force"
    ? { ...request, method: "stop" }
    : request;

/** The same with other leftovers to release, exactly those that are ticked. */
export const withReleases = (request: PlanRequest, releases: string[]): PlanRequest =>
  "releases" in request ? { ...request, releases } : request;
