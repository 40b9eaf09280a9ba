import { hasAgent, type AgentServer } from "../clusters/has-agent";
import type { Topology } from "../clusters/schema";
import type { Scope } from "../obshell/schema";
import { supports } from "../obshell/wire/version";
import { compareAddresses } from "./impact";
import type { Method } from "./schema";

const SKEW_MS = 8_000;
/** What `/status` calls a running agent. Source: OBShell protocol §2. */
export const AGENT_RUNNING = 2;

/** What an agent needs to take a request. */
interface Wanted {
  database: boolean;
  /** The agent's own check of a whole zone, which older versions lack. */
  zoneCheck: boolean;
}

/** Agents that cannot take a request, by the first reason that holds. */
interface PassedOver {
  silent: string[];
  /** No members of the cluster, or not running yet. */
  outside: string[];
  database: string[];
}

/** A plain or flushing stop, and any zone, needs the receiving agent's own database; a kill of servers or of all does not. */
const wantedBy = (scope: Scope | null, method: Method | null): Wanted => ({
  database: method !== null && (method !== "force" || scope?.type === "ZONE"),
  zoneCheck: method !== null && method !== "force" && scope?.type === "ZONE" && scope.target.length === 1,
});

function whyPassed({ agent, obState }: AgentServer, { database }: Wanted): keyof PassedOver | null {
  if (!agent.answers) return "silent";
  // `agent.state` is null where it was not asked.
  if (agent.identity !== "CLUSTER AGENT" || (agent.state ?? AGENT_RUNNING) !== AGENT_RUNNING) return "outside";
  return database && obState !== 3 ? "database" : null;
}

const agentsIn = ({ zones }: Topology): AgentServer[] => zones.flatMap((zone) => zone.servers.filter(hasAgent));

/** Who cannot take this request and why; with `method` null, a start. */
export function passedOver(
  topology: Topology,
  scope: Scope | null,
  method: Method | null,
): PassedOver & { able: string[] } {
  const wanted = wantedBy(scope, method);
  const found: PassedOver & { able: string[] } = { silent: [], outside: [], database: [], able: [] };
  for (const server of agentsIn(topology)) {
    const why = whyPassed(server, wanted);
    if (why === null) found.able.push(server.address);
    else found[why].push(server.address);
  }
  return found;
}

/**
 * Of those that can take it, best one that checks a zone where that is asked for, is not itself a target, has a working
 * database, is not held and has a good clock.
 */
function best(topology: Topology, wanted: Wanted, picked: ReadonlySet<string>): AgentServer | null {
  const cost = ({ address, obState, agent }: AgentServer): number =>
    (wanted.zoneCheck && !(agent.version !== null && supports(agent.version, "zoneStop")) ? 16 : 0) +
    (picked.has(address) ? 8 : 0) +
    (obState === 3 ? 0 : 4) +
    (agent.underMaintenance ? 2 : 0) +
    (Math.abs(agent.skewMs ?? 0) > SKEW_MS ? 1 : 0);
  const able = agentsIn(topology).filter((server) => whyPassed(server, wanted) === null);
  return (
    able.sort((left, right) => cost(left) - cost(right) || compareAddresses(left.address, right.address))[0] ?? null
  );
}

/**
 * The agent that a stop goes out through: a member of the cluster that answers, with a working database of its own, and
 * where possible not a target (protocol §11.2.3, ux E-6, E-11). Only a forced stop of servers or of everything works
 * without a database; a zone never goes to an agent without one, which would skip its statement and kill (§5.2). null
 * when no agent can take it.
 */
export const chooseCoordinator = (
  topology: Topology,
  scope: Scope,
  method: Method,
  picked: ReadonlySet<string>,
): AgentServer | null => best(topology, wantedBy(scope, method), picked);

/** The agent that a start goes out through: it needs no database, and is best none of the servers that are started. */
export const chooseStarter = (topology: Topology, picked: ReadonlySet<string>): AgentServer | null =>
  best(topology, wantedBy(null, null), picked);
