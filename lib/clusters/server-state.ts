import type { ReportedServer } from "../obshell/schema";
import type { ServerState } from "./schema";

export interface ServerFacts {
  reported: Pick<ReportedServer, "status" | "innerStatus" | "stoppedAt" | "hasBegunService">;
  zoneInnerStatus: string;
  /** The observer's state as its own agent said just now; null when that agent did not answer. */
  obState: number | null;
  fromDatabase: boolean;
  /** A stop or start is really going on. Without one, a `…STOPPING` of the agent is a leftover (protocol §4.4). */
  runGoing: boolean;
}

/** Stopped by STOP SERVER. Agents before 4.4.1.0 may hide the time and tell it by the status alone (protocol §4.1). */
export const isStoppedBySql = (reported: Pick<ReportedServer, "status" | "stoppedAt">): boolean =>
  reported.stoppedAt !== null || reported.status === "SERVICE_STOPPED";

/**
 * Running, and not stopped by itself. The database calls it ACTIVE from its first heartbeat, long before it has read its
 * logs and serves: until then its START_SERVICE_TIME is not set. That its zone is not stopped is another fact, which agents
 * before 4.3.0.0 do not report, and none does without a database (protocol §4.1, §4.4).
 */
function running({ reported, zoneInnerStatus, fromDatabase }: ServerFacts): ServerState {
  if (fromDatabase && reported.hasBegunService === false) return "NOT_SERVING_YET";
  return zoneInnerStatus === "" ? "SERVICE_NOT_REPORTED" : "SERVING";
}

/**
 * What a server does, from facts alone: its own agent's word on the process before the database's word on the service,
 * and nothing assumed. An agent that answers for a silent neighbour guesses 3 or 0; that guess is not used.
 */
export function serverState(facts: ServerFacts): ServerState {
  const { reported, zoneInnerStatus, obState, fromDatabase, runGoing } = facts;
  if (runGoing && reported.status === "STARTING") return "STARTING";
  if (runGoing && (reported.status === "PROCESS_STOPPING" || reported.status === "SERVICE_STOPPING")) return "STOPPING";
  if (reported.innerStatus === "DELETING") return "DELETING";
  if (obState === 0) return "PROCESS_STOPPED";
  const stoppedBySql = isStoppedBySql(reported) || zoneInnerStatus === "INACTIVE";
  if (obState === null) {
    if (!fromDatabase || reported.innerStatus !== "ACTIVE") return "NOT_REPORTED";
    return stoppedBySql ? "SERVICE_STOPPED" : running(facts);
  }
  if (stoppedBySql) return "SERVICE_STOPPED";
  if (obState === 3 && (reported.innerStatus === "ACTIVE" || !fromDatabase)) return running(facts);
  return "UNAVAILABLE";
}
