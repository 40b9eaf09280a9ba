import "server-only";
import type { z } from "zod";
import { systemClock, type Clock } from "../clock";
import { isAppError } from "../errors";
import { createCaller, type Call } from "./caller";
import { withDeadline } from "./deadline";
import { readCluster, readMembers } from "./read-cluster";
import { START_PATH, STOP_PATH, nothing, startBody, stopBody, taskPath, zonePath, zoneStopBody } from "./requests";
import type { AgentInfo, AgentStatus, Dag, DagNode, ReportedCluster, Scope, SubTask } from "./schema";
import { createSession } from "./session";
import type { Transport } from "./transport";
import { agentsFromWire } from "./wire/agent";
import { dagFromWire, dagsFromWire, nodeFromWire, subTaskFromWire } from "./wire/task";

/** Per-call limits. `timeoutMs` covers the whole call, answer body included. */
export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Of a write: asked when its connection stands, right before its first byte. What it throws keeps it from being sent. */
  prove?: (() => Promise<void>) | undefined;
}

/** The wire's own body of a stop, exactly one mode. */
export interface StopBody {
  scope: Scope;
  mode: "stop" | "force" | "terminate";
  /** Main DAG ids whose leftovers are released first. */
  forcePassDag: string[];
}

export type DagOperation = "RETRY" | "ROLLBACK" | "CANCEL" | "PASS";

/** How an agent's clock stands to ours: `skewMs` > 0 means that the agent is ahead. */
export interface AgentClock {
  skewMs: number;
  roundTripMs: number;
}

/** One agent. Reads may be repeated by the caller; writes are sent once and never again by this client. */
export interface AgentClient {
  readonly address: string;
  info(options?: CallOptions): Promise<AgentInfo>;
  status(options?: CallOptions & { databaseMs?: number }): Promise<AgentStatus>;
  clock(options?: CallOptions): Promise<AgentClock>;
  /** The agent's public key as published, base64: the fingerprint by which it is known. */
  publicKey(options?: CallOptions): Promise<string>;
  /** `/obcluster/info`, or `/ob/info` where the version lacks it. The agent asks every other one for it, in turn. */
  cluster(options?: CallOptions): Promise<ReportedCluster>;
  /** `/ob/info`: who is in the cluster, as this agent's own database tells. It asks no other agent. */
  members(options?: CallOptions): Promise<ReportedCluster>;
  agents(options?: CallOptions): Promise<string[]>;

  stop(body: StopBody, options?: CallOptions): Promise<Dag>;
  start(body: { scope: Scope; forcePassDag: string[] }, options?: CallOptions): Promise<Dag>;
  zoneStop(zone: string, body: { freezeServer: boolean; forcePassDag: string[] }, options?: CallOptions): Promise<Dag>;
  /** Resolves when the cluster would accept a stop of this zone; throws the refusal otherwise. >= 4.4.1.0. */
  zoneStopCheck(zone: string, options?: CallOptions): Promise<void>;

  dag(id: string, options?: CallOptions & { details?: boolean }): Promise<Dag>;
  node(id: string, options?: CallOptions): Promise<DagNode>;
  subTask(id: string, options?: CallOptions): Promise<SubTask>;
  operateDag(id: string, operation: DagOperation, options?: CallOptions): Promise<void>;
  passNode(id: string, options?: CallOptions): Promise<void>;
  /** This agent's newest maintenance DAG, finished or not; null if none. */
  maintenanceDag(options?: CallOptions): Promise<Dag | null>;
  /** Last cluster maintenance DAG; null if none. Needs the database. */
  clusterMaintenanceDag(options?: CallOptions): Promise<Dag | null>;
  unfinishedDags(of: "agent" | "ob", options?: CallOptions): Promise<Dag[]>;
  /** Every DAG this agent ever held, without details. >= 4.3.0.0, else `not-supported`. */
  agentDags(options?: CallOptions): Promise<Dag[]>;
}

export interface AgentClientOptions {
  /** Canonical agent address. */
  address: string;
  /** Shared by all agents of a cluster; decides between HTTP and TLS. */
  transport: Transport;
  /** The root@sys password; "" when there is none. */
  password: string;
  clock?: Clock;
  /** Throws when the password must not be sealed with this key; without it any key is taken. */
  checkKey?: (publicKey: string) => Promise<void>;
}

const READ_TIMEOUT_MS = 10_000;
const WRITE_TIMEOUT_MS = 60_000;

const UNFINISHED_PATHS = {
  agent: "/api/v1/task/dag/agent/unfinish",
  ob: "/api/v1/task/dag/ob/unfinish",
} as const;

/** "None" is told as 404 `Task.NotFound` (§6.3). */
const orNull = (read: Promise<Dag>): Promise<Dag | null> =>
  read.catch((error: unknown) => {
    if (isAppError(error) && error.kind === "task-not-found") return null;
    throw error;
  });

/** The client of one agent. No I/O until it is asked something. */
export function createAgentClient(options: AgentClientOptions): AgentClient {
  const { address, transport, password, clock = systemClock, checkKey } = options;
  const session = createSession({ address, transport, clock, checkKey });
  const call = createCaller({ address, transport, session, password, clock });

  const read = <Schema extends z.ZodType>(request: Call<Schema>, limits: CallOptions = {}) =>
    call(request, { timeoutMs: limits.timeoutMs ?? READ_TIMEOUT_MS, signal: limits.signal });
  const write = <Schema extends z.ZodType>(request: Call<Schema>, limits: CallOptions = {}) =>
    call(
      { ...request, write: true, prove: limits.prove },
      { timeoutMs: limits.timeoutMs ?? WRITE_TIMEOUT_MS, signal: limits.signal },
    );

  return {
    address,
    info: (limits) => session.info(limits),
    status: (limits) => session.status(limits),
    clock: (limits) => session.measureClock(limits),
    publicKey: (limits) => session.publicKey(limits),
    cluster: ({ timeoutMs = READ_TIMEOUT_MS, signal } = {}) =>
      withDeadline({ timeoutMs, signal }, (whole) => readCluster(call, session, { timeoutMs, signal: whole })),
    members: ({ timeoutMs = READ_TIMEOUT_MS, signal } = {}) => readMembers(call, { timeoutMs, signal }),
    agents: (limits) => read({ path: "/api/v1/ob/agents", answer: agentsFromWire }, limits),

    stop: (body, limits) => write({ path: STOP_PATH, body: stopBody(body), answer: dagFromWire }, limits),
    start: (body, limits) => write({ path: START_PATH, body: startBody(body), answer: dagFromWire }, limits),
    zoneStop: (zone, body, limits) =>
      write({ path: zonePath(zone, "stop"), body: zoneStopBody(body), answer: dagFromWire, needs: "zoneStop" }, limits),
    zoneStopCheck: (zone, limits) =>
      read({ path: zonePath(zone, "stop/check"), body: {}, answer: nothing, needs: "zoneStop" }, limits),

    dag: async (id, { details = true, ...limits } = {}) =>
      read({ path: `${taskPath("dag", id)}${details ? "" : "?show_details=false"}`, answer: dagFromWire }, limits),
    node: async (id, limits) => read({ path: taskPath("node", id), answer: nodeFromWire }, limits),
    subTask: async (id, limits) => read({ path: taskPath("sub_task", id), answer: subTaskFromWire }, limits),
    operateDag: async (id, operator, limits) =>
      write({ path: taskPath("dag", id, true), body: { operator }, answer: nothing }, limits),
    passNode: async (id, limits) =>
      write(
        { path: taskPath("node", id, true), body: { operator: "PASS" }, answer: nothing, needs: "nodePass" },
        limits,
      ),
    maintenanceDag: (limits) => orNull(read({ path: "/api/v1/task/dag/maintain/agent", answer: dagFromWire }, limits)),
    clusterMaintenanceDag: (limits) =>
      orNull(read({ path: "/api/v1/task/dag/maintain/ob", answer: dagFromWire }, limits)),
    unfinishedDags: (of, limits) => read({ path: UNFINISHED_PATHS[of], answer: dagsFromWire }, limits),
    agentDags: (limits) =>
      read({ path: "/api/v1/task/dags/agent?show_details=false", answer: dagsFromWire, needs: "agentDags" }, limits),
  };
}
