import "server-only";
import { createHash } from "node:crypto";
import type { Topology } from "../clusters/schema";
import { draftOperation } from "./draft-operation";
import { draftStart } from "./draft-start";
import { draftStop } from "./draft-stop";
import type { Judgement } from "./judgement";
import type { Check, PlanRequest } from "./schema";

/** A plan before it has an id: what would be sent to this cluster now, and everything that speaks for and against it. */
export interface Draft extends Judgement {
  fingerprint: string;
  topology: Topology;
}

/** Judges a request against the cluster as it stands. Asks the agents only what the topology cannot tell; sends nothing. */
export async function draftPlan(request: PlanRequest, topology: Topology): Promise<Draft> {
  const judged = await judge(request, topology);
  return { ...judged, topology, fingerprint: fingerprintOf(request, judged) };
}

function judge(request: PlanRequest, topology: Topology): Promise<Judgement> {
  switch (request.action) {
    case "stop":
      return draftStop(request, topology);
    case "start":
      return draftStart(request, topology);
    default:
      return draftOperation(request, topology);
  }
}

/** That a key was met for the first time, or a clock offset corrected, changes nothing about the plan; a warning does. */
export const isConcern = (check: Check): boolean =>
  check.id !== "fresh" && (check.level === "warn" || check.level === "block");

/**
 * Everything that the confirmation shows (ux C-1, G-4): when it changes, what was reviewed is no longer what would run.
 * A run that is to be cancelled goes on meanwhile, so of an operation the servers and the stage do not count.
 */
export function fingerprintOf(request: PlanRequest, judged: Judgement): string {
  const { impact, coordinator, blockers, run, call, targets, checks, tier } = judged;
  const { majority } = impact;
  const servers = {
    targets: targets.map((server) => [server.address, server.state, server.rootServer]),
    zones: impact.zones,
    staying: impact.staying,
    outOfReach: impact.outOfReach,
    majority: [majority.verdict, majority.tenants, majority.source, majority.guard, majority.setAside],
    coordinator: coordinator?.address,
    blockers: blockers.map(({ id, work, state, releasable, chosen, agents }) => [
      ...[id, work, state, releasable, chosen],
      // While it goes only some of them are asked.
      work === "going" ? [] : [...agents].sort(),
    ]),
  };
  const isStopOrStart = request.action === "stop" || request.action === "start";
  // Of a run that is taken up again its servers are still where they were, and all of them are stopped.
  const goesOn = request.action === "retry" || request.action === "skip";
  const taken = { targets: targets.map((server) => server.address), zones: servers.zones, majority: servers.majority };
  const seen = {
    request,
    ...(isStopOrStart ? servers : { run: run?.state, ...(goesOn ? taken : {}) }),
    call,
    tier,
    checks: checks.filter(isConcern).map((check) => [check.id, check.level, check.message, check.items]),
  };
  return createHash("sha256").update(JSON.stringify(seen)).digest("hex");
}
