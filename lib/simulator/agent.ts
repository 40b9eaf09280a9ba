import { createDagStore, type DagStore } from "./dag-store";
import type { Dag } from "./dag";
import type { Database } from "./database";
import type { FaultBoard } from "./fault";
import { genericIdOf } from "./generic-id";
import { generateRsaKey, type RsaKey } from "./rsa-key";
import { addressOf } from "./address";
import { longLog } from "./long-log";
import type { PeerRequest, RequestLog } from "./request-log";
import { isSince, type Version } from "./scenarios";
import { createScheduler, type Scheduler } from "./scheduler";
import type { Moments } from "./moments";
import type { Timeline } from "./timeline";

/** What all agents of one simulated cluster share. */
export interface World {
  readonly clusterName: string;
  readonly clusterId: number;
  readonly version: Version;
  readonly password: string;
  readonly rsaBits: number;
  readonly timeline: Timeline;
  readonly faults: FaultBoard;
  readonly database: Database;
  readonly agents: readonly Agent[];
  agent(address: string): Agent | undefined;
  has(since: string): boolean;
  readonly moments: Moments;
  readonly peerRequests: RequestLog<PeerRequest>;
  /** What the database stores: scaling and upgrade of the whole cluster. */
  readonly clusterTasks: TaskOwner;
}

export interface Session {
  lastUsedAt: number;
}

/** Where DAGs are stored, and how their ids are written. */
export interface TaskOwner {
  readonly store: DagStore;
  idOf(localId: number): string;
}

/** One OBShell process. It outlives the observer it looks after. */
export interface Agent extends TaskOwner {
  readonly index: number;
  readonly ip: string;
  readonly port: number;
  readonly address: string;
  readonly zone: string;
  readonly pid: number;
  /** The last start of the process, in Unix ms. */
  readonly startedAt: number;
  readonly scheduler: Scheduler;
  readonly sessions: Map<string, Session>;
  /** Made on first need: most agents of a large cluster are never asked for theirs. */
  key(): Promise<RsaKey>;
  changeKey(): void;
  /** The process ends; nothing of what it had in memory comes back. */
  die(): void;
  /** The process is there again. Does nothing while it lives. */
  live(): void;
  /** This host's clock in Unix ms, skew included. */
  now(): number;
}

export interface AgentOptions {
  readonly index: number;
  readonly ip: string;
  readonly port: number;
  readonly zone: string;
  readonly version: Version;
  readonly rsaBits: number;
  readonly timeline: Timeline;
  readonly faults: FaultBoard;
  readonly moments: Moments;
}

const FIRST_PID = 20_000;
const PID_STEP = 5_000;
/** A prime number of milliseconds spreads the agents' ticks, yet all have ticked when a coordinator ticks twice. */
const PHASE_STEP_MS = 137;
const FIRST_PHASE_MS = 100;
const PHASES_MS = 600;
const DAY_MS = 86_400_000;

export function createAgent(options: AgentOptions): Agent {
  const { index, ip, port, zone, timeline, faults, moments } = options;
  const address = addressOf(ip, port);
  const store = createDagStore();
  const now = (): number => Date.now() + (faults.find(address, "clock-skew")?.seconds ?? 0) * 1_000;
  const idOf = (localId: number): string => genericIdOf(ip, port, localId);
  let key: Promise<RsaKey> | null = null;
  let startedAt = Date.now() - DAY_MS;
  let lives = 0;
  let isDead = false;
  const sessions = new Map<string, Session>();
  const scheduler = createScheduler({
    store,
    timeline,
    hasErrCodes: isSince(options.version, "4.3.1.0"),
    phaseMs: FIRST_PHASE_MS + ((index * PHASE_STEP_MS) % PHASES_MS),
    now,
    dagIdOf: (dag: Dag) => idOf(dag.id),
    entered: (dag, { moment }) => {
      if (moment) moments.entered(moment, { dagId: idOf(dag.id), coordinator: address });
    },
    firstLines: (subTask) => longLog(subTask, faults.find(subTask.agent, "long-log")),
    // A step logs into the database as well, so none gets on while that hangs.
    isHeld: ({ moment }) =>
      faults.has(address, "observer-frozen") ||
      (moment !== null && faults.find(address, "stage-held")?.stage === moment),
    isCancelStuck: () => faults.has(address, "cancel-slow"),
  });
  return {
    index,
    ip,
    port,
    address,
    zone,
    get pid() {
      return FIRST_PID + index * 3 + lives * PID_STEP;
    },
    get startedAt() {
      return startedAt;
    },
    store,
    scheduler,
    sessions,
    key: () => (key ??= generateRsaKey(options.rsaBits)),
    changeKey: () => {
      key = null;
    },
    die() {
      isDead = true;
      sessions.clear();
      scheduler.halt();
    },
    live() {
      if (isDead) {
        startedAt = Date.now();
        lives += 1;
      }
      isDead = false;
      scheduler.resume();
    },
    now,
    idOf,
  };
}
