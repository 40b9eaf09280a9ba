import { z } from "zod";
import { MOMENTS } from "./dag";

/** What can be made to go wrong at an agent, or at all of them. */
export const faultSchema = z.discriminatedUnion("kind", [
  /** The agent process is gone: connections are refused or destroyed. Its observer lives on. */
  z.object({ kind: z.literal("agent-down") }),
  /** Connections are accepted and never answered. */
  z.object({ kind: z.literal("silent") }),
  /** The whole host is gone without a word: its agent is silent, and after a lease the others miss its observer. */
  z.object({ kind: z.literal("host-silent") }),
  /**
   * The observer's process is stopped by a signal, or hangs on its disk: whatever its own agent asks it, and every step
   * that this agent would run, hangs. Ends when the process is killed or started anew.
   */
  z.object({ kind: z.literal("observer-frozen") }),
  /** Something on the host starts the observer again so many simulated milliseconds after it was killed. */
  z.object({ kind: z.literal("revived"), afterMs: z.number().int().min(0).optional() }),
  /** The server is ACTIVE and its process is fine, but it has not begun to serve: its start_time is Go's zero. */
  z.object({ kind: z.literal("not-in-service") }),
  /** The cluster-wide reads of this agent end with an SQL error of their own. */
  z.object({ kind: z.literal("cluster-info-error") }),
  /** Every answer comes late; real milliseconds for clients, simulated ones between agents. */
  z.object({ kind: z.literal("slow"), delayMs: z.number().int().min(0) }),
  /** Every answer comes byte by byte, one in so many real milliseconds. */
  z.object({ kind: z.literal("trickle"), everyMs: z.number().int().min(1) }),
  /** The observer survives every SIGKILL, so that the stop gives up after 15 tries. */
  z.object({ kind: z.literal("kill-failure") }),
  /** The kill hangs: the agent stays in its Stop observer step until the fault is taken away or the step is cancelled. */
  z.object({ kind: z.literal("kill-slow") }),
  /** The observer does not come up: the start command fails. */
  z.object({ kind: z.literal("start-failure") }),
  /** The database refuses START and STOP statements that are run at, or for, this server. */
  z.object({ kind: z.literal("sql-error") }),
  /** The checkpoint of this server does not advance after a minor freeze. */
  z.object({ kind: z.literal("freeze-timeout") }),
  /** The database refuses the minor freeze of this server. */
  z.object({ kind: z.literal("freeze-error") }),
  /** The agent takes its part of a run and never gets to waiting: its first step hangs while the fault is there. */
  z.object({ kind: z.literal("never-waiting") }),
  /** Runs that this agent coordinates stand still in this stage, before they do anything there; they can be cancelled. */
  z.object({ kind: z.literal("stage-held"), stage: z.enum(MOMENTS) }),
  /** A cancelled step of this agent does not end while the fault is there. */
  z.object({ kind: z.literal("cancel-slow") }),
  /**
   * Calls of the coordinator to this agent are lost: to make its sub DAG, to RETRY it, or to PASS or CANCEL it. They are
   * lost on the way there, or, if carried out, on the way back.
   */
  z.object({
    kind: z.literal("rpc-lost"),
    call: z.enum(["create", "advance", "end"]),
    carriedOut: z.boolean().optional(),
  }),
  /** The maintenance lock is held by a task that is no start or stop and cannot be passed, until the fault is taken away. */
  z.object({ kind: z.literal("foreign-lock"), name: z.string().optional() }),
  /** A scaling or upgrade of the cluster, stored in the database; for "*" only. It ends when the fault is taken away. */
  z.object({
    kind: z.literal("cluster-task"),
    name: z.string().optional(),
    state: z.enum(["RUNNING", "FAILED"]).optional(),
  }),
  /** The agent process ends and is back at once, now. */
  z.object({ kind: z.literal("agent-restart") }),
  /** The agent restarts with an empty SQLite file, now. Ids go on counting unless they are told to begin anew. */
  z.object({ kind: z.literal("store-lost"), ids: z.enum(["continue", "restart"]).optional() }),
  /** The sub task about this agent in nodes of this name logs so many lines as it begins; by default in the Wait node. */
  z.object({ kind: z.literal("long-log"), lines: z.number().int().min(0), node: z.string().optional() }),
  /** What the agent says it is; only a CLUSTER AGENT starts and stops. */
  z.object({
    kind: z.literal("identity"),
    identity: z.enum([
      "SINGLE",
      "MASTER",
      "FOLLOWER",
      "TAKE OVER MASTER",
      "TAKE OVER FOLLOWER",
      "SCALING OUT",
      "SCALING IN",
      "UNIDENTIFIED",
    ]),
  }),
  /** The observer of this agent was never started, so the agent refuses to start anything. */
  z.object({ kind: z.literal("not-initialized") }),
  /** The agent gets a new RSA key, now. */
  z.object({ kind: z.literal("key-change") }),
  z.object({ kind: z.literal("clock-skew"), seconds: z.number() }),
  /** root@sys has got another password than the one the simulator was started with. */
  z.object({ kind: z.literal("wrong-password") }),
  /** The observer runs but nobody can use it through this agent (obState 1). */
  z.object({ kind: z.literal("database-down") }),
  /** The database answers nothing: probes wait for it as long as they may, and nobody can use it through this agent. */
  z.object({ kind: z.literal("database-frozen") }),
  /** The connection of the next write ends before the agent has taken it. Happens once. */
  z.object({ kind: z.literal("lose-request") }),
  /** The next write is carried out, but its answer never arrives. Happens once. */
  z.object({ kind: z.literal("lose-answer") }),
  /** Answers are cut in the middle. */
  z.object({ kind: z.literal("truncated") }),
  /** Answers are HTML from something that is not an agent. */
  z.object({ kind: z.literal("garbage") }),
]);
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault["kind"];

export interface FaultBoard {
  set(address: string, fault: Fault, on: boolean): void;
  has(address: string, kind: FaultKind): boolean;
  /** Since when the fault is set, in real Unix ms. */
  since(address: string, kind: FaultKind): number | undefined;
  find<K extends FaultKind>(address: string, kind: K): Extract<Fault, { kind: K }> | undefined;
  /** Takes a fault that happens once; a fault set for every agent is spent by the first that meets it. */
  take(address: string, kind: FaultKind): boolean;
  clear(): void;
}

const EVERYWHERE = "*";

export function createFaultBoard(): FaultBoard {
  const places = new Map<string, Map<FaultKind, { fault: Fault; since: number }>>();
  const placeOf = (address: string): Map<FaultKind, { fault: Fault; since: number }> => {
    const place = places.get(address) ?? new Map<FaultKind, { fault: Fault; since: number }>();
    places.set(address, place);
    return place;
  };
  const entry = (address: string, kind: FaultKind): { fault: Fault; since: number } | undefined =>
    places.get(address)?.get(kind) ?? places.get(EVERYWHERE)?.get(kind);
  const find = <K extends FaultKind>(address: string, kind: K): Extract<Fault, { kind: K }> | undefined => {
    const fault = entry(address, kind)?.fault;
    return fault && isKind(fault, kind) ? fault : undefined;
  };
  return {
    set(address, fault, on) {
      if (on) placeOf(address).set(fault.kind, { fault, since: Date.now() });
      else if (address === EVERYWHERE) for (const place of places.values()) place.delete(fault.kind);
      else placeOf(address).delete(fault.kind);
    },
    has: (address, kind) => entry(address, kind) !== undefined,
    since: (address, kind) => entry(address, kind)?.since,
    find,
    take: (address, kind) =>
      (places.get(address)?.delete(kind) ?? false) || (places.get(EVERYWHERE)?.delete(kind) ?? false),
    clear: () => places.clear(),
  };
}

function isKind<K extends FaultKind>(fault: Fault, kind: K): fault is Extract<Fault, { kind: K }> {
  return fault.kind === kind;
}
