import "server-only";
import { randomBytes } from "node:crypto";
import type { z } from "zod";
import type { Clock } from "../clock";
import { AppError, isAppError } from "../errors";
import { isStoreAway } from "../store-away";
import { parseAnswer, refuse, type Answer, type Refused } from "./answer";
import { withDeadline, type Deadline } from "./deadline";
import { rejectedPasswords } from "./rejected-passwords";
import type { Session } from "./session";
import type { AgentRequest, Transport } from "./transport";
import { createBodyKey, encodeKeys, sealBody, sealHeader } from "./wire/crypto";
import { isBareUnauthorized, kindOfRefusal, leavesOutcomeOpen } from "./wire/errors";
import { supports, type Feature } from "./wire/version";

/** How long a header stays valid by the agent's clock. */
const HEADER_LIFETIME_MS = 60_000;
/** Of a write: shorter than any lease on it, so that what a process sends after it has lost that is refused as too old. */
const WRITE_LIFETIME_MS = 20_000;
/**
 * So long the first call of an agent holds back the others. Most first calls are answered at once; one that waits for a
 * hung peer must not keep everything else from this agent.
 */
const PROVING_MS = 2_000;
/** Two measurements of one clock differ by less. */
const MEASURED_WITHIN_MS = 5_000;

export interface Call<Schema extends z.ZodType> {
  path: string;
  answer: Schema;
  /** Present: a POST with this sealed body. */
  body?: unknown;
  /** Changes something at the agent: sent once, and failures say whether it may have arrived. */
  write?: boolean;
  /** Of a write: asked right before its first byte; what it throws keeps it from being sent. */
  prove?: (() => Promise<void>) | undefined;
  /** Refused with `not-supported` by versions that lack it. */
  needs?: Feature;
}

export interface CallerOptions {
  address: string;
  transport: Transport;
  session: Session;
  password: string;
  clock: Clock;
}

function withSent(error: unknown, sent: "no" | "maybe"): unknown {
  if (isAppError(error))
    return error.sent === undefined
      ? new AppError(error.kind, error.facts, { cause: error.cause ?? error, sent })
      : error;
  if (sent === "maybe") return error;
  // A fault of our own, as when the store that knows the keys is away: nothing was sent all the same.
  return new AppError(isStoreAway(error) ? "store-unavailable" : "internal", {}, { cause: error, sent });
}

/** Calls that carry the password. One per agent. */
export function createCaller({ address, transport, session, password, clock }: CallerOptions) {
  /** The agent has taken the password. Until then calls queue behind the first, so that a wrong one is tried once. */
  let proven = false;
  let firstCall: Promise<void> | null = null;

  function refuseRejected(): void {
    if (rejectedPasswords.has(address, password, clock()))
      throw new AppError("password-rejected", { params: { address } });
  }

  async function seal(call: Call<z.ZodType>, traceId: string, signal: AbortSignal): Promise<AgentRequest> {
    const version = await session.version(signal);
    if (call.needs && !supports(version, call.needs)) throw session.unsupported(version);
    const publicKey = await session.sealingKey(signal);
    const lifetimeMs = call.write ? WRITE_LIFETIME_MS : HEADER_LIFETIME_MS;
    const expiresAt = Math.floor(((await session.agentNowMs(signal)) + lifetimeMs) / 1000);
    const keys = createBodyKey();
    const header = { Auth: password, Ts: String(expiresAt), Uri: call.path, Keys: encodeKeys(keys) };
    const headers = { "X-OCS-Header": sealHeader(header, publicKey), "X-OBSHELL-Trace-ID": traceId };
    if (call.body === undefined) return { address, method: "GET", path: call.path, headers };
    return {
      address,
      method: "POST",
      path: call.path,
      headers: { ...headers, "content-type": "application/json" },
      body: sealBody(call.body, keys),
    };
  }

  async function attempt<Schema extends z.ZodType>(
    call: Call<Schema>,
    deadline: { timeoutMs: number; signal: AbortSignal },
  ): Promise<Answer<z.output<Schema>>> {
    const traceId = randomBytes(8).toString("hex");
    const request = await beforehand(call, () => seal(call, traceId, deadline.signal));
    try {
      const raw = call.write
        ? await transport.write(request, deadline, call.prove)
        : await transport.read(request, deadline);
      return parseAnswer(raw, call.answer, address);
    } catch (error) {
      if (!isAppError(error)) throw error;
      // The agent writes this id to its own log: the only thread to follow when its answer was lost.
      const traced = new AppError(error.kind, { traceId, ...error.facts }, { cause: error.cause, sent: error.sent });
      // Plain HTTP at a TLS port never gets as far as the agent.
      throw call.write ? withSent(traced, error.kind === "tls-failed" ? "no" : "maybe") : traced;
    }
  }

  /** Whether a refusal is one that a second try mends. Only refusals before the handler count, so writes may too. */
  async function isWorthAnother({ refusal }: Refused, write: boolean, signal: AbortSignal): Promise<boolean> {
    const kind = kindOfRefusal(refusal);
    if (kind === "agent-key-changed") {
      await session.keyChanged(signal);
      return true;
    }
    if (kind === "clock-skew") {
      await session.measureClock({ signal });
      return !write;
    }
    // An old agent says only "unauthorized". With the same key and clock it was the password: never a second try.
    if (!isBareUnauthorized(refusal)) return false;
    if (await session.keyChanged(signal)) return true;
    return (await session.clockJumped(HEADER_LIFETIME_MS - MEASURED_WITHIN_MS, signal)) && !write;
  }

  /** What happens before anything is sent: a write says so in its error. */
  const beforehand = <T>(call: Call<z.ZodType>, step: () => Promise<T>): Promise<T> =>
    step().catch((error: unknown) => {
      throw call.write ? withSent(error, "no") : error;
    });

  async function answered<Schema extends z.ZodType>(
    call: Call<Schema>,
    deadline: { timeoutMs: number; signal: AbortSignal },
  ): Promise<z.output<Schema>> {
    await beforehand(call, async () => refuseRejected());
    let answer = await attempt(call, deadline);
    if (!answer.ok) {
      const refused = answer;
      const another = await beforehand(call, () => isWorthAnother(refused, call.write ?? false, deadline.signal));
      if (another) answer = await attempt(call, deadline);
    }
    if (answer.ok) {
      proven = true;
      return answer.data;
    }
    if (kindOfRefusal(answer.refusal) === "password-rejected") rejectedPasswords.add(address, password, clock());
    throw refuse(answer, address, call.write && leavesOutcomeOpen(answer.refusal) ? "maybe" : undefined);
  }

  return function call<Schema extends z.ZodType>(request: Call<Schema>, deadline: Deadline): Promise<z.output<Schema>> {
    return withDeadline(deadline, async (signal) => {
      const run = () => answered(request, { timeoutMs: deadline.timeoutMs, signal });
      if (proven) return run();
      if (firstCall) {
        await settledWithin(firstCall, PROVING_MS, signal);
        return run();
      }
      const first = run();
      const settled = () => void (firstCall = null);
      firstCall = first.then(settled, settled);
      return first;
    });
  };
}

/** Resolves when the work is over, the time has passed or the signal fires, whichever comes first. */
function settledWithin(work: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    void work.then(end);
  });
}

export type Caller = ReturnType<typeof createCaller>;
