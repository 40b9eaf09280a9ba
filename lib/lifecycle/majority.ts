import type { Tenant } from "../obshell/schema";
import type { Majority } from "./schema";

const PART = /^([A-Za-z_]+)(?:\{(\w+)\})?(?:@([\w.-]+))?$/;
const FULL = /^(FULL|F)$/i;
/** Kinds without a vote. A log-only replica votes and cannot lead, so a layout with one is not judged here. */
const VOTELESS = /^(READONLY|R|COLUMNSTORE|C)$/i;

/**
 * Full replicas per zone of a locality such as `FULL{1}@zone1, FULL{1}@zone2, READONLY{1}@zone3` (also `F@zone1`, and
 * `F{1},R{1}@zone1` for two kinds in one zone). null when any part cannot be read.
 */
export function fullReplicasByZone(locality: string): Map<string, number> | null {
  const replicas = new Map<string, number>();
  let waiting = 0; // full replicas of kinds whose zone stands behind a later kind
  let isOpen = false;
  for (const part of locality.split(",")) {
    const [, kind = "", count = "1", zone] = PART.exec(part.trim()) ?? [];
    if (FULL.test(kind) && /^\d+$/.test(count)) waiting += Number(count);
    else if (!VOTELESS.test(kind)) return null;
    isOpen = zone === undefined;
    if (zone === undefined) continue;
    if (zone === "everywhere") return null;
    if (waiting > 0) replicas.set(zone, (replicas.get(zone) ?? 0) + waiting);
    waiting = 0;
  }
  return isOpen || replicas.size === 0 ? null : replicas;
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
  let judged = 0;
  for (const tenant of tenants) {
    const replicas = fullReplicasByZone(tenant.locality);
    if (!replicas) continue;
    judged += 1;
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
  // A loss that is certain is said also when another tenant cannot be judged.
  if (lost.length > 0) return { verdict: "lost", tenants: lost, judged, source: "estimate", why: null };
  if (judged < tenants.length) return unknown("locality-unreadable");
  if (noSpare.length > 0) return { verdict: "no-spare", tenants: noSpare, judged, source: "estimate", why: null };
  return { verdict: "kept", tenants: [], judged, source: "estimate", why: null };
}
