import { z } from "zod";
import { scopeSchema } from "../obshell/schema";
import { asideSchema, environment, unheardSchema, type Certainty } from "../clusters/schema";

export const method = z.enum(["stop", "terminate", "force"]);
/** `stop`: service only, the process stays. `terminate`: flush, then the process stops. `force`: the process is killed now. */
export type Method = z.infer<typeof method>;

/** `skip` passes a failed flush, so that its run goes on without it. */
export const planAction = z.enum(["stop", "start", "cancel", "retry", "skip", "release"]);
/** What a plan would do. Everything but a read goes through a plan. */
export type PlanAction = z.infer<typeof planAction>;

const clusterId = z.string().min(1).max(64);
/** Generic id of a main DAG. */
const runId = z.string().regex(/^[1-5][0-9]{1,80}$/);
/** Agent addresses of servers that the operator picked. */
const servers = z.array(z.string().min(3).max(64)).min(1).max(20_000);
/** Main DAGs that the operator chose to release for it: exactly what `forcePassDag` carries. */
const releases = z.array(runId).max(100);

export const stopRequestSchema = z.object({
  action: z.literal("stop"),
  clusterId,
  servers,
  method,
  releases,
  /** The run that this one follows up; the audit links both. */
  continues: runId.nullable(),
  /** Escalation: this run is cancelled before the stop is sent (ux §11). */
  cancels: runId.nullable(),
});
export type StopRequest = z.infer<typeof stopRequestSchema>;

export const startRequestSchema = z.object({
  action: z.literal("start"),
  clusterId,
  servers,
  releases,
  continues: runId.nullable(),
});
export type StartRequest = z.infer<typeof startRequestSchema>;

export const operationRequestSchema = z.discriminatedUnion("action", [
  z.object({ action: z.enum(["cancel", "retry", "skip"]), clusterId, runId }),
  z.object({
    action: z.literal("release"),
    clusterId,
    runIds: z.array(runId).min(1).max(100),
    /** Only these of the held agents; null: all of them. */
    agents: servers.nullable(),
  }),
]);
/** Something done with a run that exists (protocol §6.5, §7.6). */
export type OperationRequest = z.infer<typeof operationRequestSchema>;

export const planRequestSchema = z.discriminatedUnion("action", [
  stopRequestSchema,
  startRequestSchema,
  operationRequestSchema,
]);
export type PlanRequest = z.infer<typeof planRequestSchema>;

export const majorityVerdict = z.enum(["kept", "no-spare", "lost", "unknown"]);
export const majoritySchema = z.object({
  verdict: majorityVerdict,
  /** Names of the tenants that lose their majority, have no spare left, or cannot be judged. */
  tenants: z.array(z.string()),
  /** How many tenants were judged. */
  judged: z.number(),
  source: z.enum(["cluster", "estimate"]),
  /** Why it is not known; null otherwise. */
  why: z
    .enum([
      "no-tenants-reported",
      "sys-not-reported",
      "database-unreachable",
      "locality-unreadable",
      "version-too-old",
      "answer-overdue",
    ])
    .nullable(),
  /**
   * What the verdict rests on besides. `placement`: replicas may stand on other servers of their zones, so it may be too
   * careful. `in-sync`: replicas that are up are taken to be up to date. `silent`: servers count as up by the database's
   * word alone. `sys-estimated`: the cluster's own check leaves the sys tenant out. `old`: tenants and zones are as the last
   * cluster-wide answer told them, because a newer one does not come.
   */
  doubts: z.array(z.enum(["placement", "in-sync", "silent", "sys-estimated", "old"])),
  /** Members that it leaves out, because somebody has said that they are gone for good. */
  setAside: z.array(asideSchema.extend({ server: z.string() })).default([]),
  /** Who would refuse the stop if it lost a majority: the agents' own check, the database at its statement, or nobody. */
  guard: z.enum(["cluster", "database", "nobody"]),
});
export type Majority = z.infer<typeof majoritySchema>;

export const zoneShareSchema = z.object({
  zone: z.string(),
  stopping: z.number(),
  /** Already not serving before this stop. */
  down: z.number(),
  total: z.number(),
});
export type ZoneShare = z.infer<typeof zoneShareSchema>;

export const blockReason = z.enum([
  "nothing-selected",
  "spans-zones", // `stop` takes one zone at a time
  "other-zone-stopped", // `stop` while another zone is already stopped
  "global-needs-mode", // `stop` cannot stop the whole cluster
  "database-unreachable", // only force works
  "not-stoppable", // a selected server has nothing to stop with this method
  "not-startable", // a selected server serves already, or cannot be started
  "zone-not-reported", // what runs starts only with its whole zone, where nobody reports whether that is stopped
  "zone-as-zone", // a zone that was stopped as a zone is started as one, not server by server
  "mixed-scope", // whole zones and single servers do not fit into one request
  "run-in-progress",
]);
export type BlockReason = z.infer<typeof blockReason>;

export const blockSchema = z.object({ reason: blockReason, zones: z.array(z.string()), servers: z.array(z.string()) });
export type Block = z.infer<typeof blockSchema>;

/** What a selection with a method would do; for a start `stopping` counts what is started; pure, computed alike in the browser (live) and for the plan. */
export const impactSchema = z.object({
  stopping: z.number(),
  staying: z.number(),
  /** Of a start: servers that run and stay as they are, and of which nobody reports whether they serve. */
  unclear: z.number().default(0),
  total: z.number(),
  /** Servers of the touched zones that nothing reaches, because they have no agent: they go on, or stay down, as they are. */
  outOfReach: z.array(z.string()).default([]),
  zones: z.array(zoneShareSchema),
  scope: scopeSchema.nullable(),
  majority: majoritySchema,
  /** Zones whose Root Service server is among the targets. */
  rootServerStops: z.boolean(),
  blocks: z.array(blockSchema),
});
export type Impact = z.infer<typeof impactSchema>;

export const checkId = z.enum([
  "fresh",
  /** Whether the engine accepts the operation on this run. */
  "run",
  "nobody-else",
  "agents-answer",
  "clocks-agree",
  "majority",
  "one-zone",
  "root-service",
  "coordinator",
  "agent-key",
  /** Identity, state and version of every agent. */
  "members",
  /** Scaling or an upgrade of the cluster itself. */
  "cluster-task",
  /** What a start needs besides: enough servers for a database to come up. */
  "start-order",
  /** Why a start is offered where nobody reports whether its zone is stopped. */
  "zone-status",
]);
export const checkSchema = z.object({
  id: checkId,
  /** `info` never needs anything; `warn` may be overridden and then raises the tier; `block` refuses. */
  level: z.enum(["ok", "info", "warn", "block"]),
  /** Message key below `plan.check.<id>.` with its values. */
  message: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Agents, runs or zones that the sentence is about, full list. */
  items: z.array(z.string()),
  /** For a person to run on the host of each: text to copy, never run from here. */
  commands: z
    .array(z.object({ address: z.string(), command: z.string(), ends: z.boolean().default(true) }))
    .default([]),
  /** ISO 8601 of when it was last checked. */
  checkedAt: z.string(),
});
export type Check = z.infer<typeof checkSchema>;

export const tier = z.union([z.literal(1), z.literal(2), z.literal(3)]);
export type Tier = z.infer<typeof tier>;

export const planTargetSchema = z.object({
  address: z.string(),
  zone: z.string(),
  state: z.string(),
  agentAnswers: z.boolean(),
  /** How its agent met the last question, where it did not answer; null otherwise, also for one without an agent. */
  unheard: unheardSchema.pick({ condition: true, since: true }).nullable().default(null),
  rootServer: z.boolean(),
});

export const changeSchema = z.object({
  /** Message key below `plan.change.` with its values. */
  message: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Change = z.infer<typeof changeSchema>;

export const approvalSchema = z.object({
  id: z.string(),
  planId: z.string(),
  requestedBy: z.string(),
  reason: z.string(),
  requestedAt: z.string(),
  expiresAt: z.string(),
  /** Milliseconds left when the server side answered. */
  expiresInMs: z.number(),
  decidedBy: z.string().nullable(),
  state: z.enum(["waiting", "approved", "declined", "expired"]),
});
/** A second person's word on a critical plan (ux C-13). */
export type Approval = z.infer<typeof approvalSchema>;

/** Something that holds agents, or is going, on the cluster (protocol §7.4). */
export const blockerSchema = z.object({
  /** Main DAG; or the agent's own task when the lock belongs to no start or stop. */
  id: z.string(),
  name: z.string(),
  state: z.string(),
  stage: z.number(),
  maxStage: z.number(),
  since: z.string().nullable(),
  coordinator: z.string().nullable(),
  /** Agents that it holds. */
  agents: z.array(z.string()),
  /** Who sent it, when this console did. */
  by: z.string().nullable(),
  /** Whether it is still at work. `unknown`: nobody tells about it, so it is neither going nor over. */
  work: z.enum(["going", "over", "unknown"]),
  /** `forcePassDag` can release it. */
  releasable: z.boolean(),
  /** The operator chose to release it with this plan. */
  chosen: z.boolean(),
});
export type Blocker = z.infer<typeof blockerSchema>;

/** The run that a plan works on, follows up or cancels first. */
export const planRunSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  stage: z.number(),
  maxStage: z.number(),
  coordinator: z.string(),
  by: z.string().nullable(),
  /** ISO 8601; a run that was taken up again has another end, or none. */
  endedAt: z.string().nullable().default(null),
});
export type PlanRun = z.infer<typeof planRunSchema>;

/** One request of an operation, to the agent that owns the task (protocol §6.5, §7.6). */
export const partSchema = z.object({
  agent: z.string(),
  taskId: z.string(),
  /** `release`: PASS of a sub DAG, after a CANCEL when it still runs. */
  does: z.enum(["cancel", "retry", "pass-node", "release"]),
});
export type Part = z.infer<typeof partSchema>;

export const partResultSchema = partSchema.extend({
  /** `silent`: the agent did not answer, so it may have been done. `not-sent`: its turn did not come. */
  result: z.enum(["waiting", "sending", "done", "already", "refused", "silent", "not-seen", "not-sent"]),
  agentCode: z.string().nullable(),
});
/** What became of one request of an operation. */
export type PartResult = z.infer<typeof partResultSchema>;

export const planSchema = z.object({
  id: z.string(),
  action: planAction,
  /** Who reviewed it; nobody else may send it. */
  person: z.string(),
  fingerprint: z.string(),
  cluster: z.object({ id: z.string(), name: z.string(), environment }),
  /** Of a stop; null otherwise. */
  method: method.nullable(),
  /** What an operation works on, what a stop follows up, or what it cancels first. */
  run: planRunSchema.nullable(),
  /** It follows this run up. */
  continues: z.string().nullable(),
  /** This run is cancelled before the stop is sent. */
  cancels: z.string().nullable(),
  /** Servers that are stopped or started, sorted by zone and address; of an operation: the servers its run was about. */
  targets: z.array(planTargetSchema),
  impact: impactSchema,
  checks: z.array(checkSchema),
  tier,
  /** Why this tier, as message keys below `plan.tierReason.`. */
  tierReasons: z.array(z.string()),
  /** The agent that will receive the request; null when none can. */
  coordinator: z.string().nullable(),
  /** What stands in the way, and which of it is released. */
  blockers: z.array(blockerSchema),
  /** Agents that could not be asked who holds them: for these "nobody" is not known. */
  notAsked: z.array(z.string()),
  /** ISO 8601 of the cluster-wide answer that the verdict rests on, where a newer one did not come; null otherwise. */
  toldAt: z.string().nullable().default(null),
  /** Agents of the cluster that do not answer now, targets or not: a run needs every one of them. */
  unheard: z.array(unheardSchema).default([]),
  /** Of an operation: every request that it consists of. */
  parts: z.array(partSchema),
  /** Exactly what is sent, in this order, without secrets. */
  requests: z.array(z.object({ agent: z.string(), method: z.literal("POST"), path: z.string(), body: z.string() })),
  /** The same with the obshell CLI, for the record; empty where it has no such command. */
  commandLine: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  /** Milliseconds left when the server side answered. */
  expiresInMs: z.number(),
  /** Age of the topology behind the checks when the server side answered. */
  ageMs: z.number(),
  /** What differs from the plan as it was made; not empty = it must be reviewed again. */
  changes: z.array(changeSchema),
  /** A second person has to agree before it is sent. */
  needsApproval: z.boolean(),
  approval: approvalSchema.nullable(),
  state: z.enum(["open", "expired", "changed", "sent"]),
});
/** What the operator reviews. Checks, `changes`, `state` and ages move while it is watched; the rest never does. */
export type Plan = z.infer<typeof planSchema>;

export const planRefSchema = z.object({ clusterId: z.string().min(1).max(64), planId: z.string().min(1).max(64) });
export type PlanRef = z.infer<typeof planRefSchema>;

/** Given up after typing; what was typed goes on record (ux ). */
export const givingUpSchema = planRefSchema.extend({ reason: z.string().max(2_000).default("") });
export type GivingUp = z.infer<typeof givingUpSchema>;

export const confirmationSchema = planRefSchema.extend({
  fingerprint: z.string().min(1).max(128),
  reason: z.string().max(2_000),
  typedName: z.string().max(200),
  /** Passes the second person over in an emergency; the audit highlights it. */
  breakGlass: z.boolean().default(false),
});
export type Confirmation = z.infer<typeof confirmationSchema>;

/** What became of a confirmed plan. `unknown`: it may have been accepted, and the console is looking. */
export const sendSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("sending") }),
  z.object({ state: z.literal("accepted"), runId: z.string(), coordinator: z.string(), at: z.string() }),
  z.object({ state: z.literal("unknown"), coordinator: z.string(), since: z.string(), silent: z.array(z.string()) }),
  /**
   * `unsent`: no request of it is on record. `refused`: its agent took it for none. Without either it was looked for: every
   * agent has answered, and none holds a run of the sending window. `lost`: the same, but the agent that it was sent through
   * has lost its records since, so that nobody can tell whether there was one.
   */
  z.object({ state: z.literal("none"), why: z.enum(["unsent", "refused", "lost"]).optional() }),
  /** An escalation whose run was cancelled, or perhaps was, and whose stop did not follow. */
  z.object({ state: z.literal("cancelled-only") }),
  /** A person closed the entry before it was known. */
  z.object({ state: z.literal("closed") }),
  /** An operation at work, or over, with what became of each of its requests. */
  z.object({
    state: z.literal("operating"),
    isOver: z.boolean(),
    runId: z.string(),
    parts: z.array(partResultSchema),
  }),
]);
export type Send = z.infer<typeof sendSchema>;

const reason = z.string().trim().min(5).max(2_000);

export const approvalRequestSchema = planRefSchema.extend({ reason });
export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;

export const decisionSchema = z.object({
  clusterId: z.string().min(1).max(64),
  approvalId: z.string().min(1).max(64),
  decision: z.enum(["approved", "declined"]),
});
export type Decision = z.infer<typeof decisionSchema>;

export const closingSchema = planRefSchema.extend({ reason });
export type Closing = z.infer<typeof closingSchema>;

export const proofSchema = z.object({
  clusterId: z.string().min(1).max(64),
  proof: z.union([
    z.strictObject({ password: z.string().min(1).max(256) }),
    z.strictObject({ totp: z.string().regex(/^[0-9]{6,8}$/, "is not a code") }),
  ]),
});
export type Proof = z.infer<typeof proofSchema>;

/** A stop that is not over, as everybody on the cluster is told (ux A-5). */
export interface StandingStop {
  planId: string;
  action: PlanAction;
  person: string;
  /** Of a stop. */
  method: Method | null;
  servers: number;
  coordinator: string;
  since: string;
  /** `looking`: it may have been accepted, and agents are being asked. `silent`: accepted, but nobody tells about it. */
  state: "sending" | "looking" | "going" | "silent";
  runId: string | null;
  /** Agents that have not answered. */
  silent: string[];
}

/** Servers that a stop of this console took down and that are not back (ux §11): started again with the scope they had. */
export interface DownByUs {
  /** How far it is known that they are down, and by this stop. */
  certainty: Certainty;
  runId: string;
  person: string;
  /** ISO 8601 of the stop. */
  since: string;
  method: Method;
  scope: "GLOBAL" | "ZONE" | "SERVER";
  /** Those of its targets that are still down, and not told at a later stop. */
  servers: string[];
  zones: string[];
}

/** What a person on the cluster must know besides its servers. */
export interface Standing {
  stops: StandingStop[];
  approvals: (Approval & { action: PlanAction; method: Method | null; servers: number })[];
  down: DownByUs[];
}
