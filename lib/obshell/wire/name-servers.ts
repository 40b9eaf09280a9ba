import type { ReportedCluster, ReportedServer, ReportedZone } from "../schema";
import { formatAddress } from "../../address";

/** A server as it was listed, before it is settled whether the agent that is named for it is its own. */
export type Listed = Omit<ReportedServer, "address" | "agentless"> & {
  /** null: no agent is named for it. */
  agent: string | null;
};

interface ListedZone extends Omit<ReportedZone, "servers"> {
  servers: Listed[];
}
export type ListedCluster = Omit<ReportedCluster, "zones"> & { zones: ListedZone[] };

/**
 * Gives every server the one name that it goes by here. A server with an agent of its own has that agent's address. All
 * others get a name that no agent of the cluster has, so that they can be shown and never be asked, or be the target of a
 * stop: those that have none, and those whose agent is also named for another one, or that are listed twice in different
 * ways, because nobody knows which of them a stop would reach.
 */
export function nameServers(cluster: ListedCluster): ReportedCluster {
  const zones = cluster.zones.map((zone) => ({ ...zone, servers: withoutRepeats(zone.servers) }));
  const all = zones.flatMap((zone) => zone.servers);
  const byAgent = countBy(all, (server) => server.agent);
  const byObserver = countBy(all, observerOf);
  const isListedOnce = (server: Listed): boolean => {
    const observer = observerOf(server);
    return observer === null || byObserver.get(observer) === 1;
  };
  const taken = new Set<string>();
  const named = (listed: Listed): ReportedServer => {
    const { agent, ...server } = listed;
    if (agent !== null && byAgent.get(agent) === 1 && isListedOnce(listed))
      return { ...server, address: agent, agentless: null };
    const address = freeName(listed, byAgent, taken);
    taken.add(address);
    return { ...server, address, agentless: agent === null ? "none" : "unclear" };
  };
  return { ...cluster, zones: zones.map((zone) => ({ ...zone, servers: zone.servers.map(named) })) };
}

/** Where its observer listens, which no two servers share; null when that is not told. */
const observerOf = ({ ip, svrPort }: Pick<Listed, "ip" | "svrPort">): string | null =>
  svrPort > 0 ? formatAddress(ip, svrPort) : null;

/** One server that a zone lists twice in the same words is one. */
function withoutRepeats(servers: readonly Listed[]): Listed[] {
  const seen = new Set<string>();
  return servers.filter((server) => {
    const observer = observerOf(server);
    const words = `${observer} ${server.agent}`;
    if ((observer ?? server.agent) !== null && seen.has(words)) return false;
    seen.add(words);
    return true;
  });
}

/** How many of these have each key; those without one are not counted. */
export function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string | null): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function freeName(
  { ip, svrPort, sqlPort, zone }: Listed,
  agents: ReadonlyMap<string, number>,
  taken: ReadonlySet<string>,
): string {
  const port = [svrPort, sqlPort].find((one) => one > 0 && !agents.has(formatAddress(ip, one)));
  const plain = port === undefined ? ip : formatAddress(ip, port);
  if (!taken.has(plain)) return plain;
  const inZone = `${plain}@${zone}`;
  let name = inZone;
  for (let number = 2; taken.has(name); number += 1) name = `${inZone}#${number}`;
  return name;
}
