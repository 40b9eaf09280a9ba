import "server-only";
import { may } from "../auth/permissions";
import type { Person } from "../auth/schema";
import { listClusters } from "../clusters/registry";
import type { Failure, FailureKind } from "../errors";

/** Refusals that name another cluster: its `name` and `id`, and `seen` for the sentence without them. */
const NAMING: ReadonlySet<FailureKind> = new Set(["cluster-name-taken", "cluster-registered"]);

/** The failure as this person may read it: a cluster that they may not see stays without its name and id. */
export function withoutUnseen(failure: Failure, person: Person): Failure {
  if (!NAMING.has(failure.kind)) return failure;
  const card = listClusters().find(({ id }) => id === failure.params?.["id"]) ?? null;
  if (may(person.grants, "cluster.view", card)) return failure;
  return { ...failure, params: { ...failure.params, seen: "no", name: "", id: "" } };
}
