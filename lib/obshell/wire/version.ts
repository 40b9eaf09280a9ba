/** `4.4.2.0-1` → `4.4.2.0`: agents append their release, which says nothing about features. */
export const withoutRelease = (version: string): string => version.split("-", 1)[0]?.trim() ?? "";

const numbers = (version: string): number[] =>
  withoutRelease(version)
    .split(".")
    .map((part) => Number.parseInt(part, 10) || 0);

/** Below 0 when `left` is older. A missing part counts as 0, so `4.3` equals `4.3.0.0`. */
export function compareVersions(left: string, right: string): number {
  const [older, newer] = [numbers(left), numbers(right)];
  for (let at = 0; at < Math.max(older.length, newer.length); at += 1) {
    const difference = (older[at] ?? 0) - (newer[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Since when agents have what this client uses. Source: OBShell protocol §9. */
const SINCE = {
  authV2: "4.2.3.0",
  clusterInfo: "4.3.0.0",
  agentDags: "4.3.0.0",
  stringCodes: "4.3.1.0",
  /** Calls between agents are valid for 10 s, and before for 1 s. */
  longCalls: "4.3.2.0",
  nodePass: "4.3.1.0",
  /** The Minor freeze node takes PASS. */
  flushPass: "4.4.0.0",
  zoneStop: "4.4.1.0",
  /** `/obcluster/info` answers while the database is down, and names the agent port of each server. */
  degradedClusterInfo: "4.4.1.0",
} as const;

export type Feature = keyof typeof SINCE;

export const supports = (version: string, feature: Feature): boolean => compareVersions(version, SINCE[feature]) >= 0;
