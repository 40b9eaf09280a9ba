import type { Server, Topology } from "../clusters/schema";
import { beganAt } from "../obshell/began-at";
import type { Dag } from "../obshell/schema";
import { hasEnded, kindOfRun, stageKeyOf } from "./engine-words";
import type { Outcome, Run } from "./schema";

/** Servers get this long after the last step to report what became of them. */
export const REPORT_MS = 60_000;
/** A picture that was begun before the end says nothing about it; looks take up to about this long. */
const LOOK_MS = 4_000;
/** Agents that were told to go on still do, after the run itself has failed (protocol §7.4). */
const ADVANCED_MS = 15_000;

export interface OutcomeFacts {
  dag: Dag;
  targets: readonly string[] | null;
  method: Run["method"];
  scope: Run["scope"];
  /** Agents with a task of their own that failed, and was not cancelled. */
  failed: ReadonlySet<string>;
  topology: Topology | null;
  /** Console time at which the run ended; null while it goes on. */
  endedMs: number | null;
  /** The console watched the end, so that what servers show soon after may be laid to this run. */
  sawEnd: boolean;
  nowMs: number;
}

export function wantedState(kind: Run["kind"], method: Run["method"]): Outcome["wanted"] {
  if (kind === "start") return "SERVING";
  if (kind !== "stop" || method === null) return null;
  return method === "stop" ? "SERVICE_STOPPED" : "PROCESS_STOPPED";
}

/** Whether the servers are where the run wanted them. The engine's word alone is not enough (ux H-1, H-3). */
export function judgeOutcome(facts: OutcomeFacts): Outcome {
  const { dag, targets, topology, endedMs, nowMs } = facts;
  const wanted = wantedState(kindOfRun(dag.name), facts.method);
  const total = targets?.length ?? 0;
  const unchecked = { wanted, stopped: 0, failed: 0, cancelled: 0, again: 0, notReported: 0, total, missed: [] };
  if (targets === null || wanted === null) return { ...unchecked, state: "not-checked", checkedAt: null };
  if (!hasEnded(dag) || endedMs === null) return { ...unchecked, state: "waiting", checkedAt: null };
  const overdue = nowMs - endedMs > REPORT_MS;
  if (!topology) return { ...unchecked, state: overdue ? "not-checked" : "waiting", checkedAt: null };

  const { unclear, isOnItsWay, reported, ...seen } = tally(targets, wanted, topology);
  const readMs = Date.parse(topology.readAt);
  const numbers = { ...unchecked, ...seen, checkedAt: topology.readAt };
  // Not there yet is not failed (ux P2).
  const waiting = { ...numbers, state: "waiting" as const, failed: 0, notReported: seen.failed + seen.notReported };
  const isHidden = unclear > 0 && (wanted === "SERVING" || hasStoppedZones(facts, wanted));
  if (readMs >= endedMs && isHidden && seen.stopped + unclear === targets.length) {
    // Without the database no agent tells it, and with it most do: that is no word on the end yet (protocol §4.1, §4.4).
    const isTold = topology.databaseReachable || overdue;
    return { ...numbers, state: isTold ? "not-reported" : "waiting", notReported: unclear, failed: 0 };
  }
  if (readMs >= endedMs && seen.stopped === targets.length) return { ...numbers, state: "reached" };
  if (!facts.sawEnd && overdue) {
    // Long ago: what servers do now may be the work of somebody after this run.
    return { ...unchecked, state: "not-checked", checkedAt: null };
  }
  // A start does not end before its servers serve, however long they read their logs.
  if (isOnItsWay) return waiting;
  const isMissed =
    (overdue && readMs > endedMs + LOOK_MS) || (dag.state === "FAILED" && readMs > endedMs + settleMs(dag));
  if (!isMissed) return waiting;
  // What a cancelled run did not come to is no failure of it.
  const isAgain = (server: Server) => wanted === "PROCESS_STOPPED" && wasStartedSince(server, beganAt(dag));
  const again = reported.filter(isAgain).length;
  const isCancelled = (server: Server) => !isAgain(server) && !facts.failed.has(server.address);
  const cancelled = dag.operator === "CANCEL" ? reported.filter(isCancelled).length : 0;
  return { ...numbers, failed: seen.failed - cancelled - again, cancelled, again, state: "missed" };
}

/**
 * Whether a zone is stopped is told by none of its servers, so that it was is told by the statement alone. A server that
 * was stopped by itself is told as that, and one that still runs is no stopped process (protocol §4.4, §5.2).
 */
const hasStoppedZones = ({ dag, scope }: OutcomeFacts, wanted: Outcome["wanted"]): boolean =>
  wanted === "SERVICE_STOPPED" &&
  scope === "ZONE" &&
  dag.nodes.some(({ name, state }) => stageKeyOf(name) === "sql" && state === "SUCCEED");

/** How long after a failure servers may still change because of it. */
function settleMs(dag: Dag): number {
  const key = stageKeyOf(dag.nodes[dag.stage - 1]?.name ?? "");
  return key === "advance" || key === "wait" ? ADVANCED_MS : LOOK_MS;
}

function tally(targets: readonly string[], wanted: NonNullable<Outcome["wanted"]>, topology: Topology) {
  const servers = new Map(topology.zones.flatMap((zone) => zone.servers.map((server) => [server.address, server])));
  const zoneStates = new Map(topology.zones.map((zone) => [zone.name, zone.innerStatus]));
  const missed: string[] = [];
  const reported: Server[] = [];
  let unclear = 0;
  let isOnItsWay = false;
  for (const address of targets) {
    const server = servers.get(address);
    if (server && isThere(server, wanted, zoneStates.get(server.zone) ?? "")) continue;
    missed.push(address);
    if (!server || server.state === "NOT_REPORTED") continue;
    reported.push(server);
    if (server.state === "SERVICE_NOT_REPORTED") unclear += 1;
    else if (server.state === "NOT_SERVING_YET" && wanted === "SERVING") isOnItsWay = true;
  }
  const failed = reported.length;
  const notReported = missed.length - failed;
  return { stopped: targets.length - missed.length, failed, notReported, unclear, isOnItsWay, missed, reported };
}

/** It serves by another process than at that time: one that was started later, by the database's word. */
export const wasStartedSince = ({ state, since }: Server, at: string | null): boolean =>
  state === "SERVING" && since !== null && at !== null && Date.parse(since) > Date.parse(at);

/** Whether one server is where a run wanted it. */
export function isThere(server: Server, wanted: NonNullable<Outcome["wanted"]>, zoneStatus: string): boolean {
  if (server.state === wanted) return true;
  // Stopped by SQL, by itself or with its zone: whether a process is left makes the service no less stopped.
  return (
    wanted === "SERVICE_STOPPED" &&
    (server.stoppedBySql || zoneStatus === "INACTIVE") &&
    ["PROCESS_STOPPED", "UNAVAILABLE"].includes(server.state)
  );
}

/** What a server does, or begins to do, when it is not where a run wanted it: also by the word of its agent alone. */
const CONTRARY: Record<NonNullable<Outcome["wanted"]>, ReadonlySet<Server["state"]>> = {
  PROCESS_STOPPED: new Set([
    "SERVING",
    "NOT_SERVING_YET",
    "SERVICE_NOT_REPORTED",
    "SERVICE_STOPPED",
    "STARTING",
    "STOPPING",
    "UNAVAILABLE",
  ]),
  SERVICE_STOPPED: new Set(["SERVING", "NOT_SERVING_YET", "STARTING"]),
  SERVING: new Set(["NOT_SERVING_YET", "SERVICE_STOPPED", "PROCESS_STOPPED", "STARTING", "STOPPING", "UNAVAILABLE"]),
};

/**
 * Targets that are elsewhere by this picture than when the outcome was judged: somebody or something, a supervisor on the
 * host, changed them after the run. One that nobody tells about is neither here nor there.
 */
export function changedSince(
  { state, wanted, checkedAt, missed }: Outcome,
  targets: readonly string[] | null,
  topology: Topology,
): { away: string[]; there: string[] } {
  const isJudged = state === "reached" || state === "missed";
  if (!isJudged || wanted === null || checkedAt === null || targets === null) return { away: [], there: [] };
  if (Date.parse(topology.readAt) < Date.parse(checkedAt)) return { away: [], there: [] };
  const short = new Set(missed);
  const away: string[] = [];
  const there: string[] = [];
  const wantedOnes = new Set(targets);
  for (const zone of topology.zones)
    for (const server of zone.servers) {
      if (!wantedOnes.has(server.address)) continue;
      const isNow = isThere(server, wanted, zone.innerStatus);
      if (isNow && short.has(server.address)) there.push(server.address);
      if (!isNow && !short.has(server.address) && CONTRARY[wanted].has(server.state)) away.push(server.address);
    }
  return { away, there };
}
