"use client";

import { useCallback } from "react";
import type { PlanActions } from "./plan-actions";
import { askedStop } from "./plan-requests";
import { PlanReview } from "./plan-review";

/** The plan of a stop: of what is selected, or of what a run's page asked for. */
export function StopReview({ clusterId, actions }: { clusterId: string; actions: PlanActions }) {
  const ask = useCallback(() => askedStop(clusterId), [clusterId]);
  return <PlanReview clusterId={clusterId} actions={actions} ask={ask} />;
}
