import type { Topology } from "../clusters/schema";
import type { Tenant } from "../obshell/schema";
import { readLocality } from "./locality";
import type { Majority } from "./schema";

const FULL = /^(FULL|F)$/i;
/** Kinds without a vote. A log-only replica votes and cannot lead, so a layout with one is not judged here. */
const VOTELESS = /^(READONLY|R|COLUMNSTORE|C)$/i;

/**
 * Full replicas per zone of a locality such as `FULL{1}@zone1, FULL{1}@zone2, READONLY{1}@zone3`, read against the names
 * of the cluster's zones. null when it cannot be read, or when what votes in it is not known.
 */
export function fullReplicasByZone(locality: string, zones: readonly string[] = []): Map<string, number> | null {
  const replicas = new Map<string, number>();
  for (const { kinds, zone } of readLocality(locality, zones) ?? []) {
    if (zone.toLowerCase() === "everywhere" && !zones.includes(zone)) return null;
    for (const { kind, count } of kinds) {
      if (VOTELESS.test(kind)) continue;
      if (!FULL.test(kind) || count === null) return null;
      if (count > 0) replicas.set(zone, (replicas.get(zone) ?? 0) + count);
    }
  }
  return replicas.size === 0 ? null : replicas;
}

/** What is known of one tenant. `zones`: where it has full replicas; null when its layout cannot be read. */
export interface TenantVerdict {
  name: string;
  isSys: boolean;
  verdict: Majority["verdict"];
  zones: ReadonlySet<string> | null;
}

/** Zones in which no replica can be counted on. */
export type IsGone = (zone: string) => boolean;

const SYS_ID = 1;

/** One verdict for each tenant (ux K-16): a majority needs more than half of the full replicas left. */
export function judgeTenants(
  tenants: readonly Tenant[],
  isGone: IsGone,
  zones: readonly string[] = [],
): TenantVerdict[] {
  const read = new Map<string, ReturnType<typeof fullReplicasByZone>>(); // most tenants of a cluster are laid out alike
  return tenants.map((tenant) => {
    if (!read.has(tenant.locality)) read.set(tenant.locality, fullReplicasByZone(tenant.locality, zones));
    const replicas = read.get(tenant.locality);
    const isSys = tenant.id === SYS_ID || tenant.name === "sys";
    if (!replicas) return { name: tenant.name, isSys, verdict: "unknown", zones: null };
    let total = 0;
    let left = 0;
    let largestLeft = 0;
    for (const [zone, count] of replicas) {
      total += count;
      if (isGone(zone)) continue;
      left += count;
      largestLeft = Math.max(largestLeft, count);
    }
    const verdict = left * 2 <= total ? "lost" : (left - largestLeft) * 2 <= total ? "no-spare" : "kept";
    return { name: tenant.name, isSys, verdict, zones: new Set(replicas.keys()) };
  });
}

/** All tenants in one verdict, the worst first. A loss that is certain is said also when another cannot be judged. */
export function sumUp(verdicts: readonly TenantVerdict[]): Pick<Majority, "verdict" | "tenants" | "judged" | "why"> {
  const judged = verdicts.filter(({ zones }) => zones !== null).length;
  const named = (verdict: Majority["verdict"]) =>
    verdicts.filter((one) => one.verdict === verdict).map(({ name }) => name);
  for (const verdict of ["lost", "unknown", "no-spare"] as const) {
    // Agents report sys like any other tenant; without it most of what can go wrong is not judged.
    if (verdict === "unknown" && !verdicts.some(({ isSys }) => isSys))
      return { verdict, tenants: [], judged, why: "sys-not-reported" };
    const tenants = named(verdict);
    if (tenants.length > 0)
      return { verdict, tenants, judged, why: verdict === "unknown" ? "locality-unreadable" : null };
  }
  return { verdict: "kept", tenants: [], judged, why: null };
}

/** What the zones of a cluster are called. */
export const namesOf = (zones: Topology["zones"]): string[] => zones.map(({ name }) => name);

type Reported = Pick<Topology, "tenants" | "databaseReachable" | "abilities" | "zones"> &
  Partial<Pick<Topology, "overdue">>;

/** Members that somebody has set aside, with who, when and why. */
const asideIn = ({ zones }: Pick<Topology, "zones">): Majority["setAside"] =>
  zones.flatMap((zone) =>
    zone.servers.flatMap(({ address, setAside }) => (setAside ? [{ server: address, ...setAside }] : [])),
  );

/**
 * The console's own, conservative verdict (ux K-16): a zone counts as gone when any server of it that may hold the
 * tenant is stopping or down; one that is set aside holds none. Where in its zone a replica stands and whether it is up to
 * date the agents do not tell.
 */
export function estimateMajority(reported: Reported, isGone: IsGone): Majority {
  const { tenants, databaseReachable, abilities, zones, overdue } = reported;
  const setAside = asideIn(reported);
  const estimate = { source: "estimate" as const, doubts: [], setAside, guard: "nobody" as const };
  const unknown = (why: NonNullable<Majority["why"]>): Majority => ({
    ...estimate,
    verdict: "unknown",
    tenants: [],
    judged: 0,
    why,
  });
  if (tenants === null && !abilities.reportsTenants) return unknown("version-too-old");
  if (!databaseReachable) return unknown("database-unreachable");
  if (tenants === null && overdue) return unknown("answer-overdue");
  if (!tenants || tenants.length === 0) return unknown("no-tenants-reported");
  const found = sumUp(judgeTenants(tenants, isGone, namesOf(zones)));
  const doubt = found.verdict === "lost" ? "placement" : found.verdict === "unknown" ? null : "in-sync";
  return { ...estimate, ...found, doubts: doubt === null ? [] : [doubt] };
}
