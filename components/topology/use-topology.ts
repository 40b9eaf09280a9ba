"use client";

import { useQuery, type QueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import type { Topology, TopologyAnswer } from "@/lib/clusters/schema";
import { AppError, isAppError, type Failure } from "@/lib/errors";
import { getJson } from "@/lib/get-json";
import { withDeadline } from "@/lib/obshell/deadline";

/** How often the server side looks; asking just after its next look costs no more and shows it youngest (ux L-2). */
const BUSY_READ_MS = 2_000;
const idleReadMs = (servers: number): number => (servers <= 300 ? 2_500 : 5_000);
const AFTER_READ_MS = 600;
const SOONEST_MS = 1_500;
const BACK_OFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const JITTER = 0.2;
const PATIENCE_MS = 20_000;

/** What is known of a cluster in this tab. A failure is a value here, so that it never takes the picture off the screen. */
interface Picture {
  topology: Topology | null;
  /** Browser time at which the facts were true, by the age that the server side measured. */
  asOfMs: number | null;
  failure: Failure | null;
  /** Failed reads in a row. */
  failures: number;
  offlineSinceMs: number | null;
  /** Until the next read. Kept here, so that a page that draws itself again does not start the wait again. */
  waitMs: number;
}

const EMPTY: Picture = {
  topology: null,
  asOfMs: null,
  failure: null,
  failures: 0,
  offlineSinceMs: null,
  waitMs: SOONEST_MS,
};
const keyOf = (clusterId: string) => ["topology", clusterId] as const;

/** Just after the server side's own next look, but no sooner than makes sense. */
export function nextReadMs(topology: Topology | null, ageMs: number): number {
  const going = topology?.activeRuns?.some((run) => !run.holdsMaintenance) ?? false;
  const servers = topology?.zones.reduce((sum, zone) => sum + zone.servers.length, 0) ?? 0;
  return Math.max(SOONEST_MS, (going ? BUSY_READ_MS : idleReadMs(servers)) - ageMs + AFTER_READ_MS);
}

/** For ever, ever slower, and not in step with other tabs (ux L-4). */
export function backOffMs(failures: number, random: number): number {
  const waitMs = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1] ?? SOONEST_MS;
  return Math.round(waitMs * (1 - JITTER + 2 * JITTER * random));
}

function failed(before: Picture, error: unknown): Picture {
  const { kind, facts } = isAppError(error) ? error : new AppError("console-unreachable");
  const offlineSinceMs = kind === "console-unreachable" ? (before.offlineSinceMs ?? Date.now()) : null;
  const failures = before.failures + 1;
  return {
    ...before,
    failure: { kind, ...facts },
    failures,
    offlineSinceMs,
    waitMs: backOffMs(failures, Math.random()),
  };
}

async function readPicture(client: QueryClient, clusterId: string, signal: AbortSignal): Promise<Picture> {
  const before = client.getQueryData<Picture>(keyOf(clusterId)) ?? EMPTY;
  const since = before.topology ? `?since=${before.topology.version}` : "";
  const path = `/api/clusters/${encodeURIComponent(clusterId)}/topology${since}`;
  try {
    const deadline = { timeoutMs: PATIENCE_MS, signal };
    const answer = await withDeadline(deadline, (patience) => getJson<TopologyAnswer>(path, patience));
    const ageMs = answer.unchanged ? answer.ageMs : answer.topology.ageMs;
    const topology = answer.unchanged ? before.topology : answer.topology;
    return { ...EMPTY, topology, asOfMs: Date.now() - ageMs, waitMs: nextReadMs(topology, ageMs) };
  } catch (error) {
    if (signal.aborted) throw error;
    return failed(before, error);
  }
}

/**
 * The cluster as last read; shared by everything on the page that shows it. `initial` is what the server side rendered
 * with: it is shown at once and asked about again at once, because nobody knows how long it was on the way.
 */
export function useTopology(clusterId: string, initial: Topology | null, initialFailure: Failure | null = null) {
  const { data, refetch } = useQuery({
    queryKey: keyOf(clusterId),
    queryFn: ({ client, signal }) => readPicture(client, clusterId, signal),
    initialData: (): Picture | undefined => {
      if (initial) return { ...EMPTY, topology: initial, asOfMs: Date.now() - initial.ageMs };
      return initialFailure ? { ...EMPTY, failure: initialFailure, failures: 1 } : undefined;
    },
    initialDataUpdatedAt: 0,
    staleTime: SOONEST_MS,
    refetchOnWindowFocus: "always",
    refetchOnReconnect: "always",
    // A hidden tab shows it to nobody and looks at once when it is seen again; its four requests a minute are for a run.
    refetchInterval: ({ state }) => state.data?.waitMs ?? SOONEST_MS,
  });

  const refetchNow = useCallback(() => refetch({ cancelRefetch: false }), [refetch]);
  useEffect(() => {
    const noticeOffline = () => void refetchNow();
    window.addEventListener("offline", noticeOffline);
    return () => window.removeEventListener("offline", noticeOffline);
  }, [refetchNow]);

  const { topology, asOfMs, failure, offlineSinceMs } = data ?? EMPTY;
  return { topology, asOfMs, failure, offlineSinceMs, refetch: refetchNow };
}
