import "server-only";
import type { Place } from "@/components/account/grant-words";
import { environment } from "@/lib/clusters/schema";
import type { ClusterCard } from "@/lib/clusters/schema";

/** Where a role can be given: everywhere, in an environment, on a cluster. */
export const places = (clusters: readonly ClusterCard[]): Place[] => [
  { level: "global", target: "", label: "" },
  ...environment.options.map((label) => ({ level: "environment" as const, target: label, label })),
  ...clusters.map(({ id, name }) => ({ level: "cluster" as const, target: id, label: name })),
];
