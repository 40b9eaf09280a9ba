import type { AgentInfo, AgentStatus, Dag, DagNode, ReportedCluster, Scope, SubTask } from "./schema";

/** Per-call limits. `timeoutMs` covers the whole call, answer body included. */
export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
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
  status(options?: CallOptions): Promise<AgentStatus>;
  clock(options?: CallOptions): Promise<AgentClock>;
  /** The agent's public key as published, base64: the fingerprint by which it is known. */
  publicKey(options?: CallOptions): Promise<string>;
  /** `/obcluster/info`, or `/ob/info` where the version lacks it. */
  cluster(options?: CallOptions): Promise<ReportedCluster>;
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
  unfinishedDags(of: "all" | "agent" | "ob", options?: CallOptions): Promise<Dag[]>;
  /** Main DAGs of all agents whose newest maintenance DAG is not SUCCEED. >= 4.3.0.0, else `not-supported`. */
  mainDags(options?: CallOptions): Promise<Dag[]>;
  /** Every DAG this agent ever held, without details. >= 4.3.0.0, else `not-supported`. */
  agentDags(options?: CallOptions): Promise<Dag[]>;
}
