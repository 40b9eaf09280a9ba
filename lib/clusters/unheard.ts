import type { Server, Unheard } from "./schema";

/** What hides most comes first: of a silent host nothing is known, a hanging agent still takes orders for others. */
export const UNHEARD_CONDITIONS: readonly Unheard["condition"][] = ["silent", "hangs", "unreadable", "refused"];

/** How its agent stands that does not say its own status; null where it does, or there is none. Pure. */
export function unheardAt({ address, zone, agent }: Server): Unheard | null {
  if (agent === null || agent.answers) return null;
  const condition = agent.condition === "answers" ? "silent" : agent.condition;
  return { address, zone, condition, since: agent.since };
}

/** Agents that do not say their own status, those first of which the least is known. Pure. */
export function unheardOf({ zones }: { zones: readonly { servers: readonly Server[] }[] }): Unheard[] {
  const found = zones.flatMap((zone) => zone.servers.flatMap((server) => unheardAt(server) ?? []));
  return found.sort(
    (left, right) => UNHEARD_CONDITIONS.indexOf(left.condition) - UNHEARD_CONDITIONS.indexOf(right.condition),
  );
}

/** The commands that end a frozen observer, to be run by a person on its host. */
export interface HostCommand {
  address: string;
  command: string;
  /** False: it only finds the process. */
  ends: boolean;
}

/** It comes out of a clipboard into a terminal, where these act or hide, quoted or not: nothing with them is handed over. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** As a POSIX shell reads it, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * What a person can do on the hosts of servers whose agent hangs: the engine waits for such an agent as long as its
 * observer is frozen. The pid is where OceanBase keeps it, `run/observer.pid` below the folder that the agent named while
 * it was well; where it never did, only how to find the process. Pure; nothing of it is ever run from here.
 */
export function endFrozen(servers: readonly Server[]): HostCommand[] {
  return servers.flatMap(({ address, agent }) => {
    if (agent?.condition !== "hangs") return [];
    const homePath = UNPRINTABLE.test(agent.homePath) ? "" : agent.homePath;
    const command =
      homePath === "" ? "pgrep -a observer" : `kill -9 "$(cat ${quoted(`${homePath}/run/observer.pid`)})"`;
    return [{ address, command, ends: homePath !== "" }];
  });
}
