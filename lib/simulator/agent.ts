import { createDagStore, type DagStore } from "./dag-store";
import type { Dag } from "./dag";
import type { Database } from "./database";
import type { FaultBoard } from "./fault";
import { genericIdOf } from "./generic-id";
import { generateRsaKey, type RsaKey } from "./rsa-key";
import { isSince, type Version } from "./scenarios";
import { createScheduler, type Scheduler } from "./scheduler";
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
  /** A coordinator has come to the stage where it waits for the others; a scenario may have plans for it. */
  enteredWait(coordinator: Agent): void;
}

export interface Session {
  lastUsedAt: number;
}

/** One OBShell process. It outlives the observer it looks after. */
export interface Agent {
  readonly index: number;
  readonly ip: string;
  readonly port: number;
  readonly address: string;
  readonly zone: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly store: DagStore;
  readonly scheduler: Scheduler;
  readonly sessions: Map<string, Session>;
  /** Made on first need: most agents of a large cluster are never asked for theirs. */
  key(): Promise<RsaKey>;
  changeKey(): void;
  /** This host's clock in Unix ms, skew included. */
  now(): number;
  idOf(localId: number): string;
}

export interface AgentOptions {
  readonly index: number;
  readonly port: number;
  readonly zone: string;
  readonly version: Version;
  readonly rsaBits: number;
  readonly timeline: Timeline;
  readonly faults: FaultBoard;
}

const FIRST_PID = 20_000;
/** A prime number of milliseconds spreads the agents' ticks over the second. */
const PHASE_STEP_MS = 137;

export function createAgent(options: AgentOptions): Agent {
  const { index, port, zone, timeline, faults } = options;
  const ip = "127.0.0.1";
  const address = `${ip}:${port}`;
  const store = createDagStore();
  const now = (): number => Date.now() + (faults.find(address, "clock-skew")?.seconds ?? 0) * 1_000;
  const idOf = (localId: number): string => genericIdOf(ip, port, localId);
  let key: Promise<RsaKey> | null = null;
  return {
    index,
    ip,
    port,
    address,
    zone,
    pid: FIRST_PID + index * 3,
    startedAt: Date.now() - 86_400_000,
    store,
    scheduler: createScheduler({
      store,
      timeline,
      hasErrCodes: isSince(options.version, "4.3.1.0"),
      phaseMs: 200 + ((index * PHASE_STEP_MS) % 800),
      now,
      dagIdOf: (dag: Dag) => idOf(dag.id),
    }),
    sessions: new Map(),
    key: () => (key ??= generateRsaKey(options.rsaBits)),
    changeKey: () => {
      key = null;
    },
    now,
    idOf,
  };
}
