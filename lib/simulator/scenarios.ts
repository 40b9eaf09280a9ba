import type { Layout } from "./topology";

/** The named situations a demonstration or a test can start with, and the agent versions that can be played. */
export const SCENARIOS = [
  "small",
  "medium",
  "large",
  "huge",
  "one-fails",
  "stuck",
  "agent-dead",
  "coordinator-lost",
  "no-majority",
  "db-down",
  "maintenance-held",
  "slow-agent",
  "clock-skew",
  "lost-answer",
  "silent-host",
  "frozen-observer",
  "agentless-server",
  "revived",
  "ghost-member",
] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export const VERSIONS = [
  "4.2.3.0",
  "4.3.0.0",
  "4.3.1.0",
  "4.3.2.0",
  "4.4.0.0",
  "4.4.1.0",
  "4.4.2.0",
  "4.5.0.0",
] as const;
export type Version = (typeof VERSIONS)[number];

const LAYOUTS: Partial<Record<ScenarioName, Layout>> = {
  small: { zoneSizes: [1, 1, 1] },
  large: { zoneSizes: [100, 100, 100] },
  huge: { zoneSizes: [334, 333, 333] },
  // Two servers of zone2 without an agent, on the IP of others.
  "agentless-server": { zoneSizes: [3, 3, 3], agentless: [4, 5] },
  // The host of zone3 died; its successor serves, and nobody took the dead one out of the cluster.
  "ghost-member": { zoneSizes: [1, 1, 2], ghosts: [2] },
};

/** The servers of zone1, zone2 and zone3. */
export const layoutOf = (scenario: ScenarioName): Layout => LAYOUTS[scenario] ?? { zoneSizes: [3, 3, 3] };

/** Whether a version has what appeared in another one; versions compare field by field as numbers. */
export function isSince(version: string, since: string): boolean {
  const have = version.split(".").map(Number);
  const want = since.split(".").map(Number);
  for (let at = 0; at < want.length; at += 1) {
    const difference = (have[at] ?? 0) - (want[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
