import type { Topology } from "../clusters/schema";
import type { FailureKind } from "../errors";
import { beganAt } from "../obshell/began-at";
import type { Dag } from "../obshell/schema";
import { isLive, hasEnded, kindOfRun, runStateOf } from "./engine-words";
import { offersOf } from "./offers";
import { judgeOutcome } from "./outcome";
import { problemsOf } from "./problems";
import { countsOf, estimateOf, failedOf, runStagesOf, runTasksOf } from "./run-tasks";
import type { Outcome, Run, RunCause, RunTask } from "./schema";
import { serversNow } from "./servers-now";
import { failedAgents } from "./task-evidence";
import { whyUntold, type Untold } from "./untold";

/** What this console itself knows of a run that it sent. */
export interface SentFacts extends Pick<
  Run,
  "method" | "targets" | "by" | "reason" | "approvedBy" | "breakGlass" | "planId" | "scope" | "continues" | "followUps"
> {
  /** When its agent took it, on the console's clock; null while that was not written down. */
  acceptedAt: string | null;
}

export const NOT_SENT_HERE: SentFacts = {
  acceptedAt: null,
  method: null,
  targets: null,
  by: null,
  reason: null,
  approvedBy: null,
  breakGlass: false,
  planId: null,
  scope: null,
  continues: null,
  followUps: [],
};

/** Everything besides the engine's own words that a run is put together from. */
export interface RunFacts {
  cluster: Run["cluster"];
  sent: SentFacts;
  coordinator: string;
  zoneOf: Run["zoneOf"];
  /** Coordinator clock minus console clock. */
  skewMs: number;
  /** Console time of the last successful read. */
  readAtMs: number;
  nowMs: number;
  readFrom: string | null;
  /** Why nobody can tell any more how the run stands; null while somebody can. */
  silence: { kind: FailureKind; message: string } | null;
  /** The cluster, once the run is over or in trouble, or nobody can tell about it. */
  topology: Topology | null;
  /** Console time at which the run ended; null while it goes on. */
  endedMs: number | null;
  sawEnd: boolean;
  /** What an earlier look at the finished run found; it stays, whatever the servers do later. */
  verdict: Outcome | null;
}

/** The run in our words. Pure: the same facts always make the same run. */
export function assembleRun(dag: Dag, facts: RunFacts): { run: Run; tasks: RunTask[] } {
  const { silence } = facts;
  const { acceptedAt, ...sent } = facts.sent;
  const failed = failedAgents(dag);
  const engineNowMs = facts.readAtMs + facts.skewMs;
  const tasks = runTasksOf(dag, failed, engineNowMs);
  const outcome =
    (hasEnded(dag) && facts.verdict) ||
    judgeOutcome({
      dag,
      targets: sent.targets,
      method: sent.method,
      scope: sent.scope,
      failed: failedOf(tasks),
      ...facts,
    });
  const known = runStateOf(dag);
  // Silence never ends a run: only what was still going becomes unknown.
  const state = silence && isLive(known) ? "UNKNOWN" : known;
  const problems = problemsOf(dag, failed);
  const told: Omit<Run, "now" | "offers"> = {
    id: dag.id,
    cluster: facts.cluster,
    name: dag.name,
    kind: kindOfRun(dag.name),
    state,
    ...sent,
    zoneOf: facts.zoneOf,
    coordinator: facts.coordinator,
    readFrom: facts.readFrom,
    stage: dag.stage,
    maxStage: dag.maxStage,
    stages: runStagesOf(dag, tasks),
    startedAt: acceptedAt === null ? beganAt(dag) : onEngineClock(acceptedAt, facts.skewMs),
    beganAt: beganAt(dag),
    endedAt: dag.endedAt,
    skewMs: facts.skewMs,
    consoleNowMs: facts.readAtMs,
    counts: countsOf(tasks, sent.targets),
    subDags: dag.subDags,
    outcome,
    estimate: state === "RUNNING" ? estimateOf(dag, tasks, engineNowMs) : null,
    problems: state === "UNKNOWN" && silence ? [...problems, silentProblem(silence, facts.coordinator)] : problems,
    settled: hasEnded(dag) && outcome.state !== "waiting",
  };
  const { topology } = facts;
  const offers = offersOf({ dag, tasks, topology, run: told });
  return { run: { ...told, now: topology && serversNow(told, topology), offers }, tasks };
}

const UNTOLD_CAUSE = {
  silent: "coordinator-silent",
  forgotten: "run-forgotten",
  untold: "coordinator-untold",
} as const satisfies Record<Untold, RunCause>;

const silentProblem = ({ kind, message }: NonNullable<RunFacts["silence"]>, coordinator: string) => ({
  kind,
  cause: UNTOLD_CAUSE[whyUntold(kind)],
  stage: null,
  taskId: null,
  agents: coordinator === "" ? [] : [coordinator],
  agentCode: null,
  agentMessage: message,
  heldBy: [],
});

/** What happened here, as the clock of its agent showed it: the times of its steps are of that one. */
const onEngineClock = (at: string, skewMs: number): string => new Date(Date.parse(at) + skewMs).toISOString();

/** A run that was sent from here and that no agent can tell about: what the audit knows, and nothing more (ux §19). */
export function silentDag(runId: string, name: string): Dag {
  return {
    id: runId,
    name,
    state: "UNKNOWN",
    operator: "RUN",
    startedAt: null,
    endedAt: null,
    stage: 0,
    maxStage: 0,
    subDags: {},
    mainDagId: null,
    nodes: [],
  };
}
