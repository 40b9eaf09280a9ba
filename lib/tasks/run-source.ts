import { ageOf } from "../clock";
import type { Clock } from "../clock";
import { AppError, isAppError, type FailureKind } from "../errors";
import { follow } from "../obshell/deadline";
import type { Dag, DagNode } from "../obshell/schema";

/** So many reads in a row without an answer make the coordinator silent. */
const PATIENCE = 3;
/** While another agent relays, the coordinator itself is tried again this often. */
const OWNER_AGAIN_MS = 15_000;
const RELAYS_AT_ONCE = 2;
/** When somebody asks for everybody, which is once in a while. */
const RELAYS_ON_DEMAND = 16;

/** Asking somebody else does not help against these, and a wrong password must not be tried around (protocol §3.4). */
const SAME_EVERYWHERE: ReadonlySet<FailureKind> = new Set([
  "password-rejected",
  "password-kind",
  "permission-denied",
  "task-id-invalid",
  "cancelled",
]);

export interface RunSource {
  dag(details: boolean, signal: AbortSignal): Promise<Dag>;
  node(id: string, signal: AbortSignal): Promise<DagNode>;
  /** The next time that the coordinator is silent, many others are asked at once. */
  askEverybody(): void;
  /** The agent that relays; null while the coordinator itself answers. */
  readFrom(): string | null;
  /** Why nobody can tell; null while somebody can, or as long as that may still be chance. */
  silence(): AppError | null;
}

export interface RunSourceOptions {
  runId: string;
  /** Address in the id; null for a cluster task, which any agent can read. */
  owner: string | null;
  others: () => readonly string[];
  readDag: (address: string, id: string, details: boolean, signal: AbortSignal) => Promise<Dag>;
  readNode: (address: string, id: string, signal: AbortSignal) => Promise<DagNode>;
  clock: Clock;
}

/**
 * Who is asked about a run: the agent that holds it, and when that one is silent others that pass the question on to it.
 * They can reach it where this console cannot; when nobody can, the run is unknown and never failed (ux E11).
 */
export function createRunSource(options: RunSourceOptions): RunSource {
  const { runId, owner, clock } = options;
  let failures = 0;
  let everAnswered = false;
  let relay: string | null = null;
  let ownerTriedMs = 0;
  let rotation = 0;
  let silence: AppError | null = null;
  let wide = false;

  function answered(by: string | null): void {
    failures = 0;
    silence = null;
    everAnswered = true;
    relay = by;
  }

  async function askOwner(details: boolean, signal: AbortSignal): Promise<Dag> {
    if (owner === null) throw new AppError("agent-unreachable");
    ownerTriedMs = clock();
    const dag = await options.readDag(owner, runId, details, signal);
    answered(null);
    return dag;
  }

  const nextRelays = (): string[] => {
    const others = options.others().filter((address) => address !== owner);
    const atOnce = wide ? RELAYS_ON_DEMAND : RELAYS_AT_ONCE;
    wide = false;
    const picked = Array.from({ length: Math.min(atOnce, others.length) }, (_, at) => {
      return others[(rotation + at) % others.length];
    });
    rotation += picked.length;
    return picked.flatMap((address) => address ?? []);
  };

  /** The first of some other agents that can tell, or why the first of them cannot. */
  async function askRelays(addresses: readonly string[], details: boolean, signal: AbortSignal) {
    const asked = addresses.map(async (address) => ({
      address,
      dag: await options.readDag(address, runId, details, signal),
    }));
    return Promise.any(asked).catch((error: unknown) => {
      const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
      return { failure: isAppError(first) ? first : null };
    });
  }

  /** The coordinator, and from the last patient read on others at the same time. */
  async function ask(details: boolean, signal: AbortSignal): Promise<Dag> {
    const wanted = owner === null || failures >= (everAnswered ? PATIENCE - 1 : 1);
    const relaying = new AbortController();
    const leave = follow(relaying, signal);
    const relays = wanted ? askRelays(nextRelays(), details, relaying.signal) : null;
    try {
      const dag = await askOwner(details, signal);
      relaying.abort();
      return dag;
    } catch (error) {
      if (!isAppError(error) || error.kind === "cancelled") throw error;
      const found = await relays;
      if (found && "dag" in found) {
        answered(found.address);
        return found.dag;
      }
      failures += 1;
      // A task of the cluster has no owner whose word would count first.
      const reason = owner === null ? (found?.failure ?? error) : error;
      const isFinal = reason.kind === "task-not-found" || SAME_EVERYWHERE.has(reason.kind);
      if (isFinal || (wanted && failures >= (everAnswered ? PATIENCE : 2))) silence = reason;
      throw reason;
    } finally {
      leave();
    }
  }

  async function askRelayed(through: string, details: boolean, signal: AbortSignal): Promise<Dag> {
    const owners =
      owner !== null && ageOf(ownerTriedMs, clock()) >= OWNER_AGAIN_MS
        ? askOwner(details, signal).catch(() => null)
        : null;
    const relayed = await options.readDag(through, runId, details, signal).catch(() => null);
    const own = await owners;
    if (own) return own;
    if (relayed) return relayed;
    relay = null;
    failures = PATIENCE - 1;
    return ask(details, signal);
  }

  return {
    dag: (details, signal) => (relay === null ? ask(details, signal) : askRelayed(relay, details, signal)),
    async node(id, signal) {
      const address = relay ?? owner;
      if (address === null) throw new AppError("agent-unreachable");
      return options.readNode(address, id, signal);
    },
    askEverybody: () => void (wide = true),
    readFrom: () => relay,
    silence: () => silence,
  };
}
