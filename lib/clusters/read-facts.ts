import "server-only";
import { AppError, isAppError } from "../errors";
import type { ReportedCluster } from "../obshell/schema";
import { findCluster, agentOf } from "./registry";
import { probeAgents, type Probe } from "./probe";
import { readClusterTasks } from "./read-cluster-tasks";
import { readMaintenance, type Maintenance } from "./read-maintenance";
import type { ClusterTask } from "./schema";

const CLUSTER_TIMEOUT_MS = 10_000;
const TRIED = 3;

/** Everything that one look at a cluster found, before it is put into our words. */
export interface ClusterFacts {
  reported: ReportedCluster;
  answeredBy: string;
  probes: Map<string, Probe>;
  maintenance: Maintenance;
  clusterTasks: ClusterTask[] | null;
}

/** The agents of those servers that have one: nobody else is ever asked. */
export const agentsOf = ({ zones }: ReportedCluster): string[] =>
  zones.flatMap((zone) => zone.servers.flatMap(({ address, agentless }) => (agentless === null ? [address] : [])));

const health = (probe: Probe): number =>
  probe.status === null ? -1 : probe.status.identity === "CLUSTER AGENT" ? probe.status.obState : -0.5;

/** Agents in the order in which to ask about the cluster: those with a working database first. */
const byHealth = (probes: Map<string, Probe>): Probe[] =>
  [...probes.values()].filter((probe) => probe.status !== null).sort((left, right) => health(right) - health(left));

/**
 * One look at a cluster: every agent's own status, the picture of the healthiest one, and the runs in progress.
 * Throws what the last asked agent answered, or `agent-unreachable` when none answers.
 */
export async function readFacts(clusterId: string, known: readonly string[]): Promise<ClusterFacts> {
  const seeds = findCluster(clusterId).agents;
  const probes = await probeAgents(clusterId, [...new Set([...known, ...seeds])]);
  const candidates = byHealth(probes).slice(0, TRIED);
  if (candidates.length === 0) throw new AppError("agent-unreachable", { params: { address: seeds.join(", ") } });
  let refusal: unknown;
  for (const { address } of candidates) {
    try {
      const reported = await agentOf(clusterId, address).cluster({ timeoutMs: CLUSTER_TIMEOUT_MS });
      const found = new Set(agentsOf(reported));
      const fresh = [...found].filter((server) => !probes.has(server));
      for (const probe of (await probeAgents(clusterId, fresh)).values()) probes.set(probe.address, probe);
      const members = new Map([...probes].filter(([agent]) => found.has(agent)));
      const withDatabase = byHealth(members).find(({ status }) => status?.obState === 3)?.address ?? null;
      const [maintenance, clusterTasks] = await Promise.all([
        readMaintenance(clusterId, { answeredBy: address, probes: members }),
        readClusterTasks(clusterId, withDatabase),
      ]);
      return { reported, answeredBy: address, probes, maintenance, clusterTasks };
    } catch (error) {
      refusal = error;
      // A rejected password is the same at every agent; asking on would only be more wrong logins.
      if (isAppError(error) && error.kind === "password-rejected") break;
    }
  }
  throw refusal;
}
