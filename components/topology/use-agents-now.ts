"use client";

import { useCallback, useMemo } from "react";
import { useAgentWords } from "@/components/ui/use-agent-words";
import { unheardOf } from "@/lib/clusters/unheard";
import { useTopology } from "./use-topology";

/** Names agents of a cluster as they stand now: one that does not answer with its word and since when. */
export function useAgentsNow(clusterId: string): (addresses: readonly string[]) => string[] {
  const words = useAgentWords();
  const { topology } = useTopology(clusterId, null);
  const unheard = useMemo(() => (topology ? unheardOf(topology) : []), [topology]);
  return useCallback((addresses) => words.namedAmong(unheard, addresses), [words, unheard]);
}
