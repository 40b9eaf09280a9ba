"use client";

import { useMemo } from "react";
import { useDown } from "@/components/lifecycle/use-standing";

/** Who stopped the servers that are down by a stop of this console, by address. */
export function useStoppedBy(clusterId: string): ReadonlyMap<string, string> {
  const down = useDown(clusterId);
  return useMemo(
    () =>
      new Map(
        down.flatMap(({ servers, person, certainty }) =>
          certainty === "not-known" ? [] : servers.map((server) => [server, person] as const),
        ),
      ),
    [down],
  );
}
