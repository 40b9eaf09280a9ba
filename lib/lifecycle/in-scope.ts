import { hasAgent } from "../clusters/has-agent";
import type { Topology } from "../clusters/schema";
import type { Scope } from "../obshell/schema";

/**
 * The servers that the engine works on, which all have agents: with whole zones or the whole cluster also those of them
 * that nobody picked, because they are down already, or serve (protocol §7.2, §7.7).
 */
export function inScope({ zones }: Pick<Topology, "zones">, scope: Scope | null): string[] {
  if (scope === null) return [];
  if (scope.type === "SERVER") return scope.target;
  return zones
    .filter((zone) => scope.type === "GLOBAL" || scope.target.includes(zone.name))
    .flatMap((zone) => zone.servers.filter(hasAgent).map((server) => server.address));
}
