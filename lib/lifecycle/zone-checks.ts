import type { Topology, ZoneRecord } from "../clusters/schema";
import type { Judged } from "./judgement";
import type { Impact } from "./schema";

/** Nobody tells whether it is stopped: no database answers, or the agents do not pass it on (protocol §4.1, §4.4). */
const hiddenZones = ({ zones }: Topology): string[] =>
  zones.filter((zone) => zone.innerStatus === "").map((zone) => zone.name);

const whyHidden = ({ databaseReachable, overdue }: Topology): string =>
  !databaseReachable ? "database-unreachable" : overdue ? "answer-overdue" : "zones-not-reported";

/** Who stopped these zones, by the newest of the records. */
const told = (records: readonly ZoneRecord[]) => {
  const [newest] = records.toSorted((left, right) => Date.parse(right.since) - Date.parse(left.since));
  return { name: newest?.person ?? "", since: newest?.since ?? "" };
};

/**
 * Why a start is offered where nobody reports whether its zone is stopped, and what is on record here. A start of single
 * servers leaves a stopped zone stopped (protocol §5.3).
 */
export function judgeZoneStatus(
  topology: Topology,
  { impact, records }: { impact: Impact; records: readonly ZoneRecord[] },
): Judged | undefined {
  const { scope } = impact;
  const hidden = hiddenZones(topology);
  const touched = impact.zones.filter(({ stopping, zone }) => stopping > 0 && hidden.includes(zone));
  const own = records.filter(({ zone }) => touched.some((one) => one.zone === zone));
  // Without a database nothing is reported of any zone; that alone is told elsewhere.
  if (scope === null || touched.length === 0 || (own.length === 0 && !topology.databaseReachable)) return undefined;
  const items = (own.length > 0 ? own : touched).map(({ zone }) => zone);
  const params = { ...told(own), why: whyHidden(topology) };
  if (own.length > 0)
    return { level: scope.type === "SERVER" ? "warn" : "info", message: RECORD[scope.type], params, items };
  return { level: "info", message: scope.type === "SERVER" ? "servers" : "no-record", params, items };
}

const RECORD = { SERVER: "recorded-servers", ZONE: "recorded", GLOBAL: "recorded" } as const;

/** Whether another zone is stopped, where nobody reports it; undefined where it is reported. */
export function judgeOtherZones(
  topology: Topology,
  records: readonly ZoneRecord[],
  own: ReadonlySet<string>,
): Judged | undefined {
  const hidden = hiddenZones(topology).filter((zone) => !own.has(zone));
  if (hidden.length === 0) return undefined;
  const others = records.filter(({ zone }) => !own.has(zone));
  if (others.length > 0)
    return { level: "warn", message: "recorded", params: told(others), items: others.map(({ zone }) => zone) };
  return { level: "info", message: "unknown", params: { why: whyHidden(topology) } };
}
