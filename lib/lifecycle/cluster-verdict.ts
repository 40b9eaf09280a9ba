import type { Topology } from "../clusters/schema";
import type { CheckFacts } from "./checks";
import { goneAfter } from "./impact";
import { judgeTenants, namesOf, sumUp, type TenantVerdict } from "./majority";
import type { Impact, Majority } from "./schema";

/**
 * The estimate, put right by the cluster's own check of one whole zone (`/stop/check`). What that check sees: the log
 * streams of user tenants that have a replica in the zone, and whether enough of their in-sync members stand outside it
 * (protocol §5.1 row 10). So its no is final; its yes lifts "lost" and "not known" for those tenants alone, and to "no
 * spare" at best. It says nothing about sys, about tenants that are elsewhere, or about a server that has gone down and
 * still counts as active in the database.
 */
export function withClusterVerdict(
  topology: Topology,
  picked: ReadonlySet<string>,
  { majority, scope }: Pick<Impact, "majority" | "scope">,
  { clusterVerdict }: Pick<CheckFacts, "clusterVerdict">,
): Majority {
  const zone = scope?.type === "ZONE" && scope.target.length === 1 ? scope.target[0] : undefined;
  const { tenants } = topology;
  if (!clusterVerdict || zone === undefined) return majority;
  const isGone = goneAfter(topology, picked);
  const estimated = judgeTenants(tenants ?? [], isGone, namesOf(topology.zones));
  if (!clusterVerdict.ok)
    return clusterVerdict.kind === "majority-lost"
      ? { ...majority, verdict: "lost", tenants: suspects(estimated, zone), source: "cluster", why: null, doubts: [] }
      : majority;
  if (tenants === null || tenants.length === 0 || hasUnseen(topology, zone)) return majority;
  const isWholeElsewhere = topology.zones.every(({ name }) => name === zone || !isGone(name));
  const settled = estimated.map((tenant): TenantVerdict => {
    const isChecked = !tenant.isSys && (tenant.zones === null ? isWholeElsewhere : tenant.zones.has(zone));
    return isChecked && tenant.verdict !== "kept" ? { ...tenant, verdict: "no-spare" } : tenant;
  });
  const found = sumUp(settled);
  // A loss or a doubt that is left is ours, not the cluster's.
  if (found.verdict === "lost" || found.verdict === "unknown") return { ...majority, ...found };
  const kept = majority.doubts.filter((doubt) => doubt === "silent" || doubt === "old");
  return { ...majority, ...found, source: "cluster", doubts: ["sys-estimated", ...kept] };
}

/** The cluster names no tenants when it refuses: those that our estimate holds for the most endangered in that zone. */
function suspects(estimated: readonly TenantVerdict[], zone: string): string[] {
  const checked = estimated.filter(({ isSys, zones }) => !isSys && (zones === null || zones.has(zone)));
  for (const verdict of ["lost", "unknown", "no-spare"] as const) {
    const found = checked.filter((tenant) => tenant.verdict === verdict);
    if (found.length > 0) return found.map(({ name }) => name);
  }
  return checked.map(({ name }) => name);
}

/** A server outside the zone that does not serve and that the database still counts on. */
const hasUnseen = (topology: Topology, zone: string): boolean =>
  topology.zones.some(
    (other) =>
      other.name !== zone &&
      other.servers.some(
        ({ state, innerStatus, stoppedBySql }) =>
          !["SERVING", "SERVICE_NOT_REPORTED", "NOT_REPORTED"].includes(state) &&
          innerStatus === "ACTIVE" &&
          !stoppedBySql,
      ),
  );
