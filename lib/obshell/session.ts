import "server-only";
import { ageOf } from "../clock";
import type forge from "node-forge";
import type { z } from "zod";
import type { Clock } from "../clock";
import { AppError, isAppError } from "../errors";
import type { Deadline } from "./deadline";
import type { AgentInfo, AgentStatus } from "./schema";
import type { Transport } from "./transport";
import { infoFromWire, secretFromWire, statusFromWire, timeFromWire } from "./wire/agent";
import { readPublicKey } from "./wire/crypto";
import { refuse, parseAnswer } from "./answer";
import { supports } from "./wire/version";

const PROBE_TIMEOUT_MS = 5_000;
const VERSION_FRESH_MS = 5 * 60_000;
const CLOCK_FRESH_MS = 60_000;
const OWN_CLOCK_ERROR_MS = 1_000;

type Limits = Partial<Deadline>;
/** `databaseMs`: how long the agent may ask its database, where that is not a part of the whole time. */
export type StatusLimits = Limits & { databaseMs?: number };

export interface SessionOptions {
  address: string;
  transport: Transport;
  clock: Clock;
  /** Asked once for every key that the agent publishes, before anything is sealed with it; throwing refuses the key. */
  checkKey?: ((publicKey: string) => Promise<void>) | undefined;
}

/** What one agent says without authentication, and what of it later requests are built from. */
export function createSession({ address, transport, clock, checkKey }: SessionOptions) {
  let version: { value: string; supportsV2: boolean; atMs: number } | null = null;
  let key: { published: string; readable: forge.pki.rsa.PublicKey; isTrusted: boolean } | null = null;
  let skew: { skewMs: number; roundTripMs: number; atMs: number; steadyMs: number } | null = null;

  async function ask<Schema extends z.ZodType>(path: string, schema: Schema, options: Limits = {}) {
    const deadline = { timeoutMs: options.timeoutMs ?? PROBE_TIMEOUT_MS, signal: options.signal };
    const answer = await transport.read({ address, method: "GET", path }, deadline);
    const opened = parseAnswer(answer, schema, address);
    if (!opened.ok) throw refuse(opened, address);
    return opened.data;
  }

  async function info(options?: Limits): Promise<AgentInfo> {
    const found = await ask("/api/v1/info", infoFromWire, options);
    version = { value: found.version, supportsV2: found.supportedAuth?.includes("v2") ?? true, atMs: clock() };
    return found;
  }

  async function status({ databaseMs, ...options }: StatusLimits = {}): Promise<AgentStatus> {
    const timeoutMs = options.timeoutMs ?? PROBE_TIMEOUT_MS;
    // The agent's own probe of its database must end before we stop waiting, or a frozen database hides the agent.
    const probeMicroseconds = Math.max(100, Math.floor(databaseMs ?? timeoutMs * 0.6)) * 1000;
    const path = `/api/v1/status?ob_query_timeout=${probeMicroseconds}`;
    const found = await ask(path, statusFromWire, { ...options, timeoutMs });
    version = { value: found.version, supportsV2: version?.supportsV2 ?? true, atMs: clock() };
    return found;
  }

  const unsupported = (value: string) => new AppError("not-supported", { params: { address, version: value } });

  return {
    info,
    status,
    unsupported,

    /** The agent's version, read at most every few minutes. Throws for one that is too old to be spoken to. */
    async version(signal?: AbortSignal): Promise<string> {
      if (!version || ageOf(version.atMs, clock()) > VERSION_FRESH_MS) {
        try {
          await info({ signal });
        } catch (error) {
          // Since 4.5.0.0 `/info` waits for the database without a limit; `/status` tells the version as well.
          if (signal?.aborted || !isAppError(error) || error.kind !== "agent-timeout") throw error;
          await status({ signal });
        }
      }
      const value = version?.value ?? "";
      if (!version?.supportsV2 || !supports(value, "authV2")) throw unsupported(value);
      return value;
    },

    async publicKey(options?: Limits): Promise<string> {
      const published = await ask("/api/v1/secret", secretFromWire, options);
      if (key?.published !== published) key = { published, readable: readPublicKey(published), isTrusted: !checkKey };
      return published;
    },

    /** The key that requests are sealed with. Throws what `checkKey` has against it. */
    async sealingKey(signal?: AbortSignal): Promise<forge.pki.rsa.PublicKey> {
      if (!key) await this.publicKey({ signal });
      const sealing = key;
      if (!sealing) throw new AppError("internal");
      if (!sealing.isTrusted) {
        await checkKey?.(sealing.published);
        sealing.isTrusted = true;
      }
      return sealing.readable;
    },

    /** Reads the key again; true when it is another one. */
    async keyChanged(signal?: AbortSignal): Promise<boolean> {
      const before = key?.published;
      return (await this.publicKey({ signal })) !== before;
    },

    /** Measures the agent's clock now; half of the round trip is taken for the way back. */
    async measureClock(options?: Limits): Promise<{ skewMs: number; roundTripMs: number }> {
      const sentMs = clock();
      const agentMs = await ask("/api/v1/time", timeFromWire, options);
      const roundTripMs = clock() - sentMs;
      skew = {
        skewMs: Math.round(agentMs - sentMs - roundTripMs / 2),
        roundTripMs,
        atMs: clock(),
        steadyMs: performance.now(),
      };
      return { skewMs: skew.skewMs, roundTripMs };
    },

    /** The time by the agent's clock, Unix milliseconds. */
    async agentNowMs(signal?: AbortSignal): Promise<number> {
      const ageMs = skew ? clock() - skew.atMs : 0;
      // Our own clock was set meanwhile, or the machine stood still: what was measured against it is wrong.
      const isSet = skew && Math.abs(ageMs - (performance.now() - skew.steadyMs)) > OWN_CLOCK_ERROR_MS;
      if (!skew || isSet || ageMs > CLOCK_FRESH_MS) await this.measureClock({ signal });
      return clock() + (skew?.skewMs ?? 0);
    },

    /** Measures again; true when the agent's clock jumped ahead by more than `byMs`, past what was valid before. */
    async clockJumped(byMs: number, signal?: AbortSignal): Promise<boolean> {
      const before = skew?.skewMs ?? 0;
      const { skewMs } = await this.measureClock({ signal });
      return skewMs - before > byMs;
    },
  };
}

export type Session = ReturnType<typeof createSession>;
