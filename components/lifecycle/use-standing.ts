"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { getJson } from "@/lib/get-json";
import type { DownByUs, Standing } from "@/lib/lifecycle/schema";

/** What others start is seen within 5 s (ux A-5). */
const ASK_MS = 4_000;

/** What everybody on the cluster must know; plans that are open on this page look again when something that is sent comes or goes. */
export function useStanding(clusterId: string): Standing | undefined {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ["standing", clusterId],
    queryFn: ({ signal }) => getJson<Standing>(`/api/clusters/${encodeURIComponent(clusterId)}/standing`, signal),
    refetchInterval: ASK_MS,
  });
  const going = data?.stops.map(({ planId, state }) => `${planId} ${state}`).join();
  useEffect(() => {
    if (going !== undefined) void client.invalidateQueries({ queryKey: ["plan", clusterId] });
  }, [client, clusterId, going]);
  return data;
}

/** Zones that were stopped from here as zones, where nobody tells whether they still are: by whom and when. */
export function useRecords(clusterId: string): ReadonlyMap<string, DownByUs> {
  const down = useDown(clusterId);
  return useMemo(
    () =>
      new Map(
        down
          .filter(({ certainty }) => certainty === "zone-not-reported")
          .flatMap((stop) => stop.zones.map((zone) => [zone, stop] as const)),
      ),
    [down],
  );
}

const NONE: DownByUs[] = [];
const never = () => () => undefined;

/**
 * What is down by us, for parts that the server side draws as well: it knows nothing of it, and a part that takes over
 * later than the banner above must begin as it was drawn.
 */
export function useDown(clusterId: string): DownByUs[] {
  const down = useStanding(clusterId)?.down;
  const isDrawn = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (isDrawn && down) || NONE;
}
