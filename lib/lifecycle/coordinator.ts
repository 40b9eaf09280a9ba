import type { Server, Topology } from "../clusters/schema";
import type { Scope } from "../obshell/schema";
import { compareAddresses } from "./impact";
import type { Method } from "./schema";

/**
 * The agent that a stop goes out through: a member of the cluster that answers, with a working database of its own, and
 * where possible not a target (ux E-6, E-11). Only a forced stop of servers or of everything works without a database.
 * null when no agent can take it.
 */
export function chooseCoordinator(
  topology: Topology,
  scope: Scope,
  method: Method,
  picked: ReadonlySet<string>,
): Server | null {
  const withoutDatabase = method === "force" && scope.type !== "ZONE";
  const able = topology.zones
    .flatMap((zone) => zone.servers)
    .filter(
      (server) =>
        server.agent.answers && server.agent.identity === "CLUSTER AGENT" && (withoutDatabase || server.obState === 3),
    );
  const cost = (server: Server): number =>
    (picked.has(server.address) ? 8 : 0) +
    (server.obState === 3 ? 0 : 4) +
    (server.agent.underMaintenance ? 2 : 0) +
    (Math.abs(server.agent.skewMs ?? 0) > 8_000 ? 1 : 0);
  return (
    able.sort((left, right) => cost(left) - cost(right) || compareAddresses(left.address, right.address))[0] ?? null
  );
}
