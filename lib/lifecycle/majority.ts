import type { Tenant } from "../obshell/schema";
import type { Majority } from "./schema";

/**
 * Full replicas per zone of a locality such as `FULL{1}@zone1, FULL{1}@zone2, READONLY{1}@zone3` (also `F@zone1` and
 * `FULL@zone1`). Read-only and column replicas do not vote. null when any part cannot be read.
 */
export function fullReplicasByZone(locality: string): Map<string, number> | null {
  const replicas = new Map<string, number>();
  for (const part of locality.split(",").map((text) => text.trim())) {
    const match = /^([A-Za-z_]+(?:\{[^}]*\})?(?:\s*,\s*)?)@([\w.-]+)$/.exec(part);
    const kind = match?.[1];
    const zone = match?.[2];
    if (kind === undefined || zone === undefined) return null;
    const counted = /^(?:FULL|F)(?:\{(\d+)\})?$/i.exec(kind);
    if (counted) replicas.set(zone, (replicas.get(zone) ?? 0) + Number(counted[1] ?? "1"));
    else if (!/^(READONLY|R|COLUMNSTORE|C|LOGONLY|L|ENCRYPTION_LOGONLY|E)(\{\d+\})?$/i.test(kind)) return null;
  }
  return replicas.size > 0 ? replicas : null;
}

/**
 * The console's own, conservative verdict (ux K-16): a zone counts as gone when any server of it that may hold the
 * tenant is stopping or down, and a majority needs more than half of the full replicas left.
 */
export function estimateMajority(
  tenants: readonly Tenant[] | null,
  goneZones: ReadonlySet<string>,
  databaseReachable: boolean,
): Majority {
  const unknown = (why: NonNullable<Majority["why"]>): Majority => ({
    verdict: "unknown",
    tenants: [],
    judged: 0,
    source: "estimate",
    why,
  });
  if (!databaseReachable) return unknown("database-unreachable");
  if (!tenants || tenants.length === 0) return unknown("no-tenants-reported");
  const lost: string[] = [];
  const noSpare: string[] = [];
  for (const tenant of tenants) {
    const replicas = fullReplicasByZone(tenant.locality);
    if (!replicas) return unknown("locality-unreadable");
    let total = 0;
    let left = 0;
    let largestLeft = 0;
    for (const [zone, count] of replicas) {
      total += count;
      if (goneZones.has(zone)) continue;
      left += count;
      largestLeft = Math.max(largestLeft, count);
    }
    if (left * 2 <= total) lost.push(tenant.name);
    else if ((left - largestLeft) * 2 <= total) noSpare.push(tenant.name);
  }
  const judged = tenants.length;
  if (lost.length > 0) return { verdict: "lost", tenants: lost, judged, source: "estimate", why: null };
  if (noSpare.length > 0) return { verdict: "no-spare", tenants: noSpare, judged, source: "estimate", why: null };
  return { verdict: "kept", tenants: [], judged, source: "estimate", why: null };
}
