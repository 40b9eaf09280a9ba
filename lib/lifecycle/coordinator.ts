import type { Server, Topology } from "../clusters/schema";
import type { Scope } from "../obshell/schema";
import { compareAddresses } from "./impact";
import type { Method } from "./schema";

const SKEW_MS = 8_000;
/** What `/status` calls a running agent. Source: OBShell protocol §2. */
const AGENT_RUNNING = 2;

/** Members of the cluster that answer. `agent.state` is null where it was not asked. */
const members = (topology: Topology): Server[] =>
  topology.zones
    .flatMap((zone) => zone.servers)
    .filter(
      ({ agent }) =>
        agent.answers && agent.identity === "CLUSTER AGENT" && (agent.state ?? AGENT_RUNNING) === AGENT_RUNNING,
    );

const best = (able: Server[], cost: (server: Server) => number): Server | null =>
  able.sort((left, right) => cost(left) - cost(right) || compareAddresses(left.address, right.address))[0] ?? null;

const burden = (server: Server): number =>
  (server.obState === 3 ? 0 : 4) +
  (server.agent.underMaintenance ? 2 : 0) +
  (Math.abs(server.agent.skewMs ?? 0) > SKEW_MS ? 1 : 0);

/**
 * The agent that a stop goes out through: a member of the cluster that answers, with a working database of its own, and
 * where possible not a target (protocol §11.2.3, ux E-6, E-11). Only a forced stop of servers or of everything works
 * without a database. null when no agent can take it.
 */
export function chooseCoordinator(
  topology: Topology,
  scope: Scope,
  method: Method,
  picked: ReadonlySet<string>,
): Server | null {
  const withoutDatabase = method === "force" && scope.type !== "ZONE";
  const able = members(topology).filter((server) => withoutDatabase || server.obState === 3);
  return best(able, (server) => (picked.has(server.address) ? 8 : 0) + burden(server));
}

/** The agent that a start goes out through: it needs no database, and is best none of the servers that are started. */
export const chooseStarter = (topology: Topology, picked: ReadonlySet<string>): Server | null =>
  best(members(topology), (server) => (picked.has(server.address) ? 8 : 0) + burden(server));
