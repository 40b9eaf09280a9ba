"use client";

import { useQuery } from "@tanstack/react-query";
import { pollMs } from "@/components/ui/poll-ms";
import type { Overview } from "@/lib/clusters/schema";
import { isAppError, type Failure } from "@/lib/errors";
import { getJson } from "@/lib/get-json";

const READ_MS = 5_000;

/** One read for all clusters, however many; rarer while nobody sees the tab. */
export function useOverview(first: Overview): { overview: Overview; readAtMs: number; failure: Failure | null } {
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: ["clusters"],
    queryFn: ({ signal }) => getJson<Overview>("/api/clusters", signal),
    initialData: first,
    retry: false,
    networkMode: "always",
    refetchIntervalInBackground: true,
    refetchInterval: () => pollMs(READ_MS),
  });
  const failure: Failure | null = !error
    ? null
    : isAppError(error)
      ? { kind: error.kind, ...error.facts }
      : { kind: "internal" };
  return { overview: data, readAtMs: dataUpdatedAt, failure };
}
