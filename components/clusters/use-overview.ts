"use client";

import { useQuery } from "@tanstack/react-query";
import type { Overview } from "@/lib/clusters/schema";
import { isAppError, type Failure } from "@/lib/errors";
import { getJson } from "@/lib/get-json";

const READ_MS = 5_000;
const HIDDEN_MS = 15_000;

/** Asked on the server as well, which has no document, while the page is first written. */
const isHidden = () => typeof document !== "undefined" && document.visibilityState === "hidden";

/** One read for all clusters, however many; rarer while nobody sees the tab. */
export function useOverview(first: Overview): { overview: Overview; readAtMs: number; failure: Failure | null } {
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: ["clusters"],
    queryFn: ({ signal }) => getJson<Overview>("/api/clusters", signal),
    initialData: first,
    retry: false,
    networkMode: "always",
    refetchIntervalInBackground: true,
    refetchInterval: () => (isHidden() ? HIDDEN_MS : READ_MS),
  });
  const failure: Failure | null = !error
    ? null
    : isAppError(error)
      ? { kind: error.kind, ...error.facts }
      : { kind: "internal" };
  return { overview: data, readAtMs: dataUpdatedAt, failure };
}
