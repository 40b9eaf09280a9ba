"use client";

import { useCallback } from "react";
import type { OperationRequest } from "@/lib/lifecycle/schema";
import { OperationOutcome } from "./operation-outcome";
import type { PlanActions } from "./plan-actions";
import { PlanReview } from "./plan-review";

/** The plan of something done with a run, and once it was sent what became of it: the address then names the plan. */
export function OperationReview({
  clusterId,
  runId,
  action,
  agents,
  planId,
  actions,
}: {
  clusterId: string;
  runId: string;
  action: OperationRequest["action"];
  /** Of a release: only these agents. */
  agents: string[] | null;
  /** A plan that was sent. */
  planId: string | null;
  actions: PlanActions;
}) {
  const ask = useCallback(
    (): OperationRequest =>
      action === "release" ? { action, clusterId, runIds: [runId], agents } : { action, clusterId, runId },
    [action, clusterId, runId, agents],
  );
  if (planId !== null) return <OperationOutcome clusterId={clusterId} runId={runId} action={action} planId={planId} />;
  return <PlanReview clusterId={clusterId} actions={actions} ask={ask} />;
}
