import type { Server, Topology } from "./schema";

/** Any sign of life counts, also of an agent that hangs; a host that refuses has nobody there. */
const shows = (agent: Server["agent"]): boolean =>
  agent !== null && agent.condition !== "silent" && agent.condition !== "refused";

/**
 * Why nobody can say that this member is gone for good; null: a person can. `answers`: its agent does. `active`: the
 * database does not call it inactive. `not-told`: nobody tells what has become of it, or which agent is its own.
 */
export function whyNotGone(
  { agent, agentless, innerStatus }: Server,
  { databaseReachable }: Pick<Topology, "databaseReachable">,
): "answers" | "active" | "not-told" | null {
  if (shows(agent)) return "answers";
  if (!databaseReachable || innerStatus === "" || agentless === "unclear") return "not-told";
  return innerStatus === "INACTIVE" ? null : "active";
}

/** Those that a person may set aside, and nobody has. */
export const goneMembers = (topology: Topology): Server[] =>
  topology.zones
    .flatMap((zone) => zone.servers)
    .filter((server) => server.setAside === null && whyNotGone(server, topology) === null);

/** It is there again, so nothing of it is set aside any more; null: it is not, as far as anybody tells. */
export const whyBack = ({ agent, innerStatus }: Server): "answers" | "active" | null =>
  shows(agent) ? "answers" : innerStatus === "ACTIVE" ? "active" : null;
