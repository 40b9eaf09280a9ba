"use client";

import { useCallback, type ReactNode } from "react";
import type { PlanActions } from "./plan-actions";
import { PlanReview } from "./plan-review";

/** The plan of a start of these servers. */
export function StartReview({
  clusterId,
  servers,
  continues,
  actions,
  back,
}: {
  clusterId: string;
  servers: string[];
  /** The run whose servers these are. */
  continues: string | null;
  actions: PlanActions;
  back: ReactNode;
}) {
  const ask = useCallback(
    () => (servers.length === 0 ? null : { action: "start" as const, clusterId, servers, releases: [], continues }),
    [clusterId, servers, continues],
  );
  return <PlanReview clusterId={clusterId} actions={actions} ask={ask} back={back} />;
}
