import { ageOf } from "../clock";
import type { AgentStatus } from "../obshell/schema";
import { singleton } from "../singleton";

interface Told {
  status: AgentStatus;
  atMs: number;
}

/** By cluster, then by agent. */
const told = () => singleton("clusters.last-status", () => new Map<string, Map<string, Told>>());

export function noteStatus(clusterId: string, address: string, status: AgentStatus): void {
  const cluster = told().get(clusterId) ?? new Map<string, Told>();
  told().set(clusterId, cluster);
  cluster.set(address, { status, atMs: Date.now() });
}

/** What an agent said of itself within the last `maxAgeMs`; null when it has said nothing since. */
export function lastStatus(clusterId: string, address: string, maxAgeMs: number): AgentStatus | null {
  const last = told().get(clusterId)?.get(address);
  return last && ageOf(last.atMs) <= maxAgeMs ? last.status : null;
}

/** Whether any agent of the cluster said within the last `maxAgeMs` that its database is available. */
export function anyDatabase(clusterId: string, maxAgeMs: number): boolean {
  const all = [...(told().get(clusterId)?.values() ?? [])];
  return all.some(({ status, atMs }) => status.obState === 3 && ageOf(atMs) <= maxAgeMs);
}
