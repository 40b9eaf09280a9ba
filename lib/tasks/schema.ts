import { z } from "zod";
import { taskOperator, taskState } from "../obshell/schema";
import { environment, serverState, unheardSchema } from "../clusters/schema";
import { method, planAction } from "../lifecycle/schema";

/** What a run is, in one word. `UNKNOWN`: the agent that holds it does not answer, so it may still be going. */
export const runState = z.enum(["ACCEPTED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "UNKNOWN"]);
export type RunState = z.infer<typeof runState>;

export const runTaskSchema = z.object({
  id: z.string(),
  /** 1-based stage. */
  stage: z.number(),
  /** Agent the task is about; null for the coordinator's own one-task stages. */
  agent: z.string().nullable(),
  state: taskState,
  operator: taskOperator,
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  executeTimes: z.number(),
  /** Running far longer than its peers (ux D-9). */
  stuck: z.boolean(),
});
export type RunTask = z.infer<typeof runTaskSchema>;

export const runStageSchema = z.object({
  id: z.string(),
  /** The engine's own name; the screen translates it by `key`. */
  name: z.string(),
  key: z.enum(["prepare", "ready", "flush", "advance", "wait", "sql", "end", "startZone", "other"]),
  /** One task per agent. */
  parallel: z.boolean(),
  state: taskState,
  operator: taskOperator,
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  total: z.number(),
  done: z.number(),
  failed: z.number(),
  running: z.number(),
});
export type RunStage = z.infer<typeof runStageSchema>;

export const outcomeSchema = z.object({
  /**
   * `waiting`: steps finished, servers have not all reported; `reached`, `missed`: checked against the topology;
   * `not-reported`: the agents do not tell whether the zones of these servers are stopped, and all else is as wanted.
   */
  state: z.enum(["waiting", "reached", "missed", "not-checked", "not-reported"]),
  wanted: z.enum(["SERVICE_STOPPED", "PROCESS_STOPPED", "SERVING"]).nullable(),
  stopped: z.number(),
  failed: z.number(),
  /** Of a cancelled run: targets that it did not take there, and that did not fail. */
  cancelled: z.number(),
  /** Targets of a kill whose process is another one by now: somebody or something started it again. */
  again: z.number(),
  notReported: z.number(),
  total: z.number(),
  /** Targets that are not in the wanted state. */
  missed: z.array(z.string()),
  checkedAt: z.string().nullable(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** Why something in a run went wrong, as an operator would say it; every row of protocol §7.4. */
export const RUN_CAUSES = [
  // before anything was done: agents that did not take part
  "agent-silent",
  "held-by-run",
  "held-by-other",
  "answer-lost",
  "clock-ahead",
  "refused",
  "not-created",
  "never-ready",
  // on the way
  "flush-refused",
  "flush-timeout",
  "sql-refused",
  "advance-lost",
  "kill-failed",
  "clock-behind",
  "agent-died",
  "host-silent",
  "start-refused",
  "no-database",
  "step-failed",
  "not-done",
  "zone-refused",
  // at the end
  "not-released",
  "released-before",
  // the agent that holds the run
  "coordinator-restarted",
  "coordinator-silent",
  "coordinator-untold",
  "run-forgotten",
  "other",
] as const;
export type RunCause = (typeof RUN_CAUSES)[number];

export const offerKind = z.enum([
  "cancel",
  "escalate",
  "retry",
  "skip",
  "release",
  "check-agents",
  "stop-remaining",
  "start",
  "read-elsewhere",
]);
export type OfferKind = z.infer<typeof offerKind>;

/** Why something that exists cannot be done now. */
export const offerObstacle = z.enum([
  "cancelling",
  "version",
  "not-asked",
  "released",
  "other-run",
  "other-unknown",
  "not-reported",
]);
export type OfferObstacle = z.infer<typeof offerObstacle>;

export const offerSchema = z.object({
  kind: offerKind,
  rank: z.enum(["primary", "secondary"]),
  /** Servers that a stop or start of it would be about; agents that a release or a look would ask. */
  touches: z.array(z.string()),
  /** null: it can be done now. */
  obstacle: offerObstacle.nullable(),
});
/** Something that may be done with a run as it stands (ux §11). The first is what helps most. */
export type Offer = z.infer<typeof offerSchema>;

/** What the servers of a run do now, whatever the run says (ux V-4). */
export const serversNowSchema = z.object({
  checkedAt: z.string(),
  /** Which servers: those the run was sent for, or all where that is not known. */
  of: z.enum(["targets", "cluster"]),
  groups: z.array(z.object({ state: serverState, servers: z.array(z.string()) })),
  /** Zones of these servers that the database holds stopped. */
  stoppedZones: z.array(z.string()),
  /** Servers of their zones that the run never reached, because they have no agent. */
  outOfReach: z.array(z.string()),
  /** Agents whose maintenance this run still holds; null: nobody could be asked. */
  held: z.array(z.string()).nullable(),
  /** Agents that could not be asked who holds them. */
  notAsked: z.array(z.string()),
  /** Agents of the cluster that do not answer. */
  silent: z.array(z.string()),
  /** The same, the worst first: how each stands, and since when. */
  unheard: z.array(unheardSchema),
  /** Targets that were where the run wanted them when that was checked, and have left that since. */
  away: z.array(z.string()),
  /** Targets that were not there then, and are now. */
  there: z.array(z.string()),
  /** Targets of a stop that were started after it began, and when, as far as the database tells. */
  again: z.array(z.object({ server: z.string(), at: z.string() })),
  /** Another run is going on this cluster. */
  otherRun: z.string().nullable(),
});
export type ServersNow = z.infer<typeof serversNowSchema>;

/** Something that was sent because of this run (ux V-2). */
export const followUpSchema = z.object({
  action: planAction,
  /** The run that it made; null for what was done with this run itself. */
  runId: z.string().nullable(),
  by: z.string(),
  at: z.string(),
});
export type FollowUp = z.infer<typeof followUpSchema>;

export const runSchema = z.object({
  id: z.string(),
  cluster: z.object({ id: z.string(), name: z.string(), environment }),
  name: z.string(),
  kind: z.enum(["stop", "start", "other"]),
  state: runState,
  /** null when this console did not send it. */
  method: method.nullable(),
  /** Agent addresses that the run was sent for; null when this console did not send it. */
  targets: z.array(z.string()).nullable(),
  /** Zone by agent address, for grouping; agents that are no longer known are absent. */
  zoneOf: z.record(z.string(), z.string()),
  by: z.string().nullable(),
  reason: z.string().nullable(),
  /** Who agreed as the second person. */
  approvedBy: z.string().nullable(),
  /** It was sent without the second person it needed, as an emergency. */
  breakGlass: z.boolean(),
  planId: z.string().nullable(),
  /** How it was sent; null when this console did not send it. */
  scope: z.enum(["GLOBAL", "ZONE", "SERVER"]).nullable(),
  /** The run that it followed up; null for none. */
  continues: z.string().nullable(),
  followUps: z.array(followUpSchema),
  coordinator: z.string(),
  /** Set while the facts come from another agent than the coordinator. */
  readFrom: z.string().nullable(),
  stage: z.number(),
  maxStage: z.number(),
  stages: z.array(runStageSchema),
  startedAt: z.string().nullable(),
  /** When it began, as its agent tells: two runs of one id are told apart by it. */
  beganAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** Coordinator clock minus console clock, milliseconds. */
  skewMs: z.number(),
  /** Console time when the snapshot was made, Unix ms: lets the browser tick durations without trusting its own clock. */
  consoleNowMs: z.number(),
  /** Targets whose own tasks are all done / failed / running / not begun, in numbers. */
  counts: z.object({
    total: z.number(),
    done: z.number(),
    failed: z.number(),
    running: z.number(),
    waiting: z.number(),
  }),
  subDags: z.record(z.string(), z.string()),
  outcome: outcomeSchema,
  /** Range in seconds from finished peers, or null without evidence (ux D-13). */
  estimate: z.object({ fromSeconds: z.number(), toSeconds: z.number() }).nullable(),
  /** What went wrong, worst first. `agents`: who it is about; the agent's words unmodified. */
  problems: z.array(
    z.object({
      kind: z.string(),
      cause: z.enum(RUN_CAUSES),
      stage: z.number().nullable(),
      taskId: z.string().nullable(),
      agents: z.array(z.string()),
      agentCode: z.string().nullable(),
      agentMessage: z.string(),
      /** Main DAG ids that hold the maintenance lock, when the log names them. */
      heldBy: z.array(z.string()),
    }),
  ),
  /** null while the run goes well, and as long as nobody could tell. */
  now: serversNowSchema.nullable(),
  offers: z.array(offerSchema),
  /** True when the engine has nothing more to say and the outcome is settled: watching may stop. */
  settled: z.boolean(),
});
export type Run = z.infer<typeof runSchema>;

/** Answer of GET /api/clusters/:cluster/runs/:run?since=VERSION. */
export interface RunAnswer {
  /** Hand back as `since`. Grows whenever anything changed. */
  version: number;
  /** Milliseconds since the last successful read of the engine. */
  ageMs: number;
  /** Reads of the engine per second over the last 10 s, for the diagnostics line. */
  upstreamPerSecond: number;
  /** null: nothing changed since `since` but the age. */
  run: Run | null;
  /** Every task when `since` was absent or too old (`full`), else only the tasks that changed. */
  tasks: RunTask[];
  full: boolean;
}

export interface TaskLog {
  taskId: string;
  /** Total number of lines known. */
  total: number;
  /** Index of the first returned line. */
  from: number;
  lines: string[];
  /** A log that became shorter in another attempt was begun anew. */
  attempt: number;
  state: z.infer<typeof taskState>;
  ageMs: number;
}

/** A server's own sub run, opened on demand (ux D-22). FAILED while its main run goes on means waiting. */
export interface SubRun {
  id: string;
  agent: string;
  state: z.infer<typeof taskState>;
  operator: z.infer<typeof taskOperator>;
  /** True: FAILED here is the engine's way to wait for the coordinator (ux E-10). */
  waitsForCoordinator: boolean;
  /** True: it waited like that when its run ended, and nothing failed in it. It holds its agent until it is released. */
  isLeft: boolean;
  stage: number;
  maxStage: number;
  steps: {
    id: string;
    name: string;
    state: z.infer<typeof taskState>;
    operator: z.infer<typeof taskOperator>;
    startedAt: string | null;
    endedAt: string | null;
    logs: string[];
  }[];
}

/** One line of the runs page. */
export interface RunLine {
  id: string;
  name: string;
  kind: "stop" | "start" | "other";
  state: RunState;
  method: z.infer<typeof method> | null;
  targets: number | null;
  by: string | null;
  startedAt: string | null;
  endedAt: string | null;
  holdsMaintenance: boolean;
}
