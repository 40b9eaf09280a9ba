"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { isAppError, type Failure } from "@/lib/errors";
import { getJson } from "@/lib/get-json";
import type { Plan } from "@/lib/lifecycle/schema";

const WATCHED_MS = 10_000;
const DECIDING_MS = 3_000;
/** Nothing is sent on older facts (ux C-9, L-6). */
export const TOO_OLD_MS = 15_000;

/** The reviewed plan as the server sees it now, with browser times for everything that ages. */
export interface LivePlan {
  plan: Plan;
  /** Browser time at which the facts behind the checks were read. */
  asOfMs: number;
  madeAtMs: number;
  expiresAtMs: number;
  /** Browser time of the last answer, while the console does not answer; otherwise null. */
  offlineSinceMs: number | null;
  /** The console answers, but no longer knows who asks. */
  isSignedOut: boolean;
  /** The console answers, but no longer knows this plan. */
  gone: Failure | null;
  isFetching: boolean;
  refetch: () => void;
  /** Takes over a plan that came another way, from "Check only". */
  take: (plan: Plan) => void;
}

/** Runs the checks again every 10 s while the page is visible, every 3 s while the dialog is open (ux G-1, C-8). */
export function useLivePlan(clusterId: string, made: Plan, madeAtMs: number, deciding: boolean): LivePlan {
  const client = useQueryClient();
  const queryKey = ["plan", clusterId, made.id];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => getJson<Plan>(`/api/clusters/${clusterId}/plans/${made.id}`, signal),
    initialData: made,
    initialDataUpdatedAt: madeAtMs,
    staleTime: DECIDING_MS,
    // Facts that were old already when they came are asked for sooner, so that a watched plan never turns stale.
    refetchInterval: ({ state }) =>
      deciding ? DECIDING_MS : Math.max(DECIDING_MS, WATCHED_MS - (state.data?.ageMs ?? 0)),
  });
  const { refetch } = query;
  const approval = query.data.approval?.state;
  useEffect(() => {
    // The banner above the page says the same as the plan, and at once.
    if (approval !== undefined) void client.invalidateQueries({ queryKey: ["standing", clusterId] });
  }, [client, clusterId, approval]);
  const told = query.isError && isAppError(query.error) ? query.error : null;
  const gone = told?.kind === "plan-unknown" ? told : null;
  const isSignedOut = told?.kind === "signed-out";
  return {
    plan: query.data,
    asOfMs: query.dataUpdatedAt - query.data.ageMs,
    madeAtMs,
    expiresAtMs: query.dataUpdatedAt + query.data.expiresInMs,
    offlineSinceMs: query.isError && !gone && !isSignedOut ? query.dataUpdatedAt : null,
    isSignedOut,
    gone: gone ? { kind: gone.kind, ...gone.facts } : null,
    isFetching: query.isFetching,
    refetch: useCallback(() => void refetch(), [refetch]),
    take: (plan) => client.setQueryData(queryKey, plan),
  };
}
