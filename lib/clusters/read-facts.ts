import "server-only";
import { AppError, isAppError } from "../errors";
import type { Dag, ReportedCluster } from "../obshell/schema";
import { findCluster, agentOf } from "./registry";
import { probeAgents, type Probe } from "./probe";

const CLUSTER_TIMEOUT_MS = 10_000;
const MAIN_DAGS_TIMEOUT_MS = 8_000;
const TRIED = 3;
export const MAIN_DAG_NAMES: ReadonlySet<string> = new Set(["Stop OB", "Start OB"]);

/** Everything that one look at a cluster found, before it is put into our words. */
export interface ClusterFacts {
  reported: ReportedCluster;
  answeredBy: string;
  probes: Map<string, Probe>;
  /** Unfinished or leftover main DAGs; null when they could not be asked for. */
  mainDags: Dag[] | null;
}

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
      const found = reported.zones.flatMap((zone) => zone.servers.map((server) => server.address));
      const fresh = found.filter((server) => !probes.has(server));
      for (const probe of (await probeAgents(clusterId, fresh)).values()) probes.set(probe.address, probe);
      return { reported, answeredBy: address, probes, mainDags: await readMainDags(clusterId, address, probes) };
    } catch (error) {
      refusal = error;
      // A rejected password is the same at every agent; asking on would only be more wrong logins.
      if (isAppError(error) && error.kind === "password-rejected") break;
    }
  }
  throw refusal;
}

/** Runs are looked for only when an agent says that its maintenance lock is held: the question fans out to all agents. */
async function readMainDags(clusterId: string, asked: string, probes: Map<string, Probe>): Promise<Dag[] | null> {
  if (![...probes.values()].some((probe) => probe.status?.underMaintenance)) return [];
  const agent = agentOf(clusterId, asked);
  const options = { timeoutMs: MAIN_DAGS_TIMEOUT_MS };
  try {
    return await agent.mainDags(options);
  } catch (error) {
    if (!isAppError(error) || error.kind !== "not-supported") return null;
  }
  try {
    const unfinished = await agent.unfinishedDags("all", options);
    const mainIds = new Set(
      unfinished.flatMap((dag) =>
        dag.mainDagId === null ? (MAIN_DAG_NAMES.has(dag.name) ? [dag.id] : []) : [dag.mainDagId],
      ),
    );
    return await Promise.all([...mainIds].map((id) => agent.dag(id, { ...options, details: false })));
  } catch {
    return null; // "could not ask" is not "nothing there"
  }
}
