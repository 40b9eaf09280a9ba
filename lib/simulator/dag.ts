export type TaskState = "PENDING" | "READY" | "RUNNING" | "FAILED" | "SUCCEED";
export type TaskOperator = "RUN" | "RETRY" | "ROLLBACK" | "CANCEL" | "PASS";

/** Unix milliseconds; 0 is what agents show after an operation until the scheduler takes the task up again. */
export interface TaskStatus {
  state: TaskState;
  operator: TaskOperator;
  startedAt: number;
  endedAt: number;
}

export interface SubTask extends TaskStatus {
  readonly id: number;
  readonly name: string;
  /** The agent the step is about; local DAGs run every step on their own agent. */
  readonly agent: string;
  readonly step: Step;
  executeTimes: number;
  logs: LogLine[];
  abort: AbortController | null;
}

export interface LogLine {
  readonly id: number;
  readonly executeTimes: number;
  readonly text: string;
  readonly at: number;
}

/** What an operator may do while or after this node runs. Source: OBShell agent source, the tasks' SetCan… calls. */
export interface NodeAbilities {
  readonly cancel: boolean;
  readonly retry: boolean;
  readonly rollback: boolean;
  readonly pass: boolean;
  /** An agent that restarts takes the node up again instead of failing it. */
  readonly resume: boolean;
}

export interface DagNode extends TaskStatus {
  readonly id: number;
  readonly name: string;
  readonly abilities: NodeAbilities;
  readonly moment: Moment | null;
  readonly subTasks: readonly SubTask[];
}

/** The stages of a main DAG by what they are for: not every run has each of them. */
export const MOMENTS = ["create", "ready", "freeze", "advance", "wait", "sql", "zone", "end"] as const;
export type Moment = (typeof MOMENTS)[number];

/** Maintenance types on the wire: 1 takes no lock, 2 holds the agent's maintenance lock. */
export type Maintenance = 1 | 2;

export interface Dag extends TaskStatus {
  readonly id: number;
  readonly name: string;
  readonly maintenance: Maintenance;
  readonly nodes: readonly DagNode[];
  readonly work: DagWork;
  stage: number;
}

/** What a DAG is about: a start or stop of the whole cluster, one agent's part of it, or anything else. */
export type DagWork =
  | { readonly kind: "main"; readonly run: MainRun }
  | { readonly kind: "sub"; readonly mainDagId: string; readonly mainAgent: string; readonly run: MainRun }
  | { readonly kind: "other" };

export interface Scope {
  readonly type: "GLOBAL" | "ZONE" | "SERVER";
  readonly target: readonly string[];
}

/** `zone` is the endpoint that stops one zone; `stop` is the graceful mode that only runs SQL. */
export type StopMode = "stop" | "force" | "terminate" | "zone";

export interface MainRun {
  readonly action: "start" | "stop";
  readonly mode: StopMode;
  readonly freeze: boolean;
  readonly scope: Scope;
  readonly targets: ReadonlySet<string>;
  readonly forcePass: readonly string[];
  /** Agent address → its sub DAG and the stage at which that one has done its part. */
  readonly subDags: Map<string, { readonly id: string; readonly goodStage: number }>;
  readonly succeeded: Set<string>;
}

/** What a step may do while it runs. `signal` fires when it is cancelled, times out, or its agent dies. */
export interface StepRun {
  readonly dagId: string;
  readonly signal: AbortSignal;
  log(line: string): void;
  sleep(ms: number): Promise<void>;
}
export type Step = (run: StepRun) => Promise<void>;

export interface NodePlan {
  readonly name: string;
  readonly abilities: NodeAbilities;
  readonly moment?: Moment;
  readonly steps: readonly { readonly agent: string; readonly step: Step }[];
}

export const stageCount = (dag: Dag): number => dag.nodes.length;
export const currentNode = (dag: Dag): DagNode | undefined => dag.nodes[dag.stage - 1];
export const hasFailed = (dag: Dag): boolean => dag.state === "FAILED";
/** A FAILED maintenance DAG still holds the lock; a FAILED main DAG is over. */
export const isUnfinished = (dag: Dag): boolean =>
  dag.state !== "SUCCEED" && !(dag.state === "FAILED" && dag.maintenance === 1);
