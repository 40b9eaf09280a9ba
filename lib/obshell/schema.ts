import { z } from "zod";

/** Our words for what agents say. Browser-safe; components import the types only, so that zod stays on the server. */

/** Agent address as the API uses it: `ip:agentPort`, IPv6 as `[addr]:port`. */
export type Address = string;

export const taskState = z.enum(["PENDING", "READY", "RUNNING", "FAILED", "SUCCEED", "UNKNOWN"]);
export type TaskState = z.infer<typeof taskState>;

export const taskOperator = z.enum(["RUN", "RETRY", "ROLLBACK", "CANCEL", "PASS", "UNKNOWN"]);
export type TaskOperator = z.infer<typeof taskOperator>;

const status = {
  state: taskState,
  operator: taskOperator,
  /** ISO 8601; null while the agent reports a zero or epoch time. RETRY and CANCEL set it anew, see `beganAt`. */
  startedAt: z.string().nullable(),
  /** ISO 8601; only set when the state is FAILED or SUCCEED, because the agent's value means nothing before. */
  endedAt: z.string().nullable(),
};

export const subTaskSchema = z.object({
  id: z.string(),
  name: z.string(),
  ...status,
  /** 0 before the first run; a RETRY adds 2. Its `operator` stays RUN also when it was cancelled. */
  executeTimes: z.number(),
  /** Address of the agent that the sub task is about; null when not given. */
  agent: z.string().nullable(),
  logs: z.array(z.string()),
});
export type SubTask = z.infer<typeof subTaskSchema>;

export const nodeSchema = z.object({ id: z.string(), name: z.string(), ...status, subTasks: z.array(subTaskSchema) });
export type DagNode = z.infer<typeof nodeSchema>;

export const dagSchema = z.object({
  id: z.string(),
  name: z.string(),
  ...status,
  /** 1-based; the failing stage on FAILED. */
  stage: z.number(),
  maxStage: z.number(),
  /** Main DAG: sub DAG id per agent address. */
  subDags: z.record(z.string(), z.string()),
  /** Sub DAG: the main DAG it belongs to. */
  mainDagId: z.string().nullable(),
  /** Empty when read without details. */
  nodes: z.array(nodeSchema),
});
export type Dag = z.infer<typeof dagSchema>;

export const agentIdentity = z.enum([
  "SINGLE",
  "MASTER",
  "FOLLOWER",
  "CLUSTER AGENT",
  "TAKE OVER MASTER",
  "TAKE OVER FOLLOWER",
  "SCALING OUT",
  "SCALING IN",
  "UNIDENTIFIED",
  "UNKNOWN",
]);

export const agentInfoSchema = z.object({
  address: z.string(),
  zone: z.string(),
  identity: agentIdentity,
  /** Agent version without the release part, for example `4.4.2.0`. */
  version: z.string(),
  /** ["v2"] since about 4.2.5.0; null when the agent does not say. */
  supportedAuth: z.array(z.string()).nullable(),
  /** Folder of the observer beside it, with its pid in `run/observer.pid`; "" when the agent does not say. */
  homePath: z.string(),
});
export type AgentInfo = z.infer<typeof agentInfoSchema>;

export const agentStatusSchema = z.object({
  address: z.string(),
  identity: agentIdentity,
  /** 0 unknown, 1 starting, 2 running, 3 stopping, 4 stopped. */
  state: z.number(),
  version: z.string(),
  /** 0 observer process not running, 1 no usable connection, 2 restricted, 3 available. */
  obState: z.number(),
  underMaintenance: z.boolean(),
});
export type AgentStatus = z.infer<typeof agentStatusSchema>;

/**
 * Why nothing can be done to a server from here. `none`: OBShell has no agent for it. `unclear`: its agent is named for
 * another server as well, or it is listed twice in different ways, so nobody knows what that agent would stop.
 */
export const agentless = z.enum(["none", "unclear"]);

/** One server as an agent reports it, from `/obcluster/info` or, before 4.3.0.0, `/ob/info`. */
export const reportedServerSchema = z.object({
  /** The address of its agent; of a server without one of its own a name that no agent has. */
  address: z.string(),
  agentless: agentless.nullable(),
  zone: z.string(),
  ip: z.string(),
  svrPort: z.number(),
  sqlPort: z.number(),
  /** As the agent computed it (§4.4); null when the version does not compute it. */
  status: z.string().nullable(),
  /** Raw database status: ACTIVE, INACTIVE, DELETING; "" when the database could not be asked. */
  innerStatus: z.string(),
  obState: z.number().nullable(),
  startedAt: z.string().nullable(),
  /** False: the database holds no time at which it began to serve since its process started; null: that is not told. */
  hasBegunService: z.boolean().nullable(),
  /** Set when stopped by SQL. */
  stoppedAt: z.string().nullable(),
  rootServer: z.boolean(),
  taskId: z.string().nullable(),
});
export type ReportedServer = z.infer<typeof reportedServerSchema>;

export const reportedZoneSchema = z.object({
  name: z.string(),
  region: z.string(),
  idc: z.string(),
  status: z.string(),
  innerStatus: z.string(),
  servers: z.array(reportedServerSchema),
});
export type ReportedZone = z.infer<typeof reportedZoneSchema>;

export const tenantSchema = z.object({
  name: z.string(),
  id: z.number(),
  status: z.string(),
  /** For example `FULL{1}@zone1, FULL{1}@zone2`. "" when not reported. */
  locality: z.string(),
  primaryZone: z.string(),
});
export type Tenant = z.infer<typeof tenantSchema>;

/** The cluster as one agent sees it. */
export const reportedClusterSchema = z.object({
  name: z.string(),
  id: z.number(),
  obVersion: z.string(),
  /** False when the agent answered from its local files because the database was out of reach. */
  fromDatabase: z.boolean(),
  /** False: members alone, from `/ob/info`; no zone status, no times, no tenants. */
  isWhole: z.boolean(),
  zones: z.array(reportedZoneSchema),
  /** null when the version or the degraded mode does not report tenants. */
  tenants: z.array(tenantSchema).nullable(),
});
export type ReportedCluster = z.infer<typeof reportedClusterSchema>;

export const scopeSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("GLOBAL") }),
  z.object({ type: z.literal("ZONE"), target: z.array(z.string()).min(1) }),
  z.object({ type: z.literal("SERVER"), target: z.array(z.string()).min(1) }),
]);
/** `target` holds zone names or canonical agent addresses, sorted and without duplicates. */
export type Scope = z.infer<typeof scopeSchema>;
