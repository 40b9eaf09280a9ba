/** Delays of the simulated world. Durations shrink by the time scale; timestamps stay real, so that clients' expiries hold. */
export interface Timeline {
  readonly scale: number;
  /** Resolves after the simulated milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Sleeps of one step: what a late timer took too long is saved at the next ones, so that long loops keep their pace. */
  pace(signal: AbortSignal): (ms: number) => Promise<void>;
  /**
   * Tells when sleeps under this signal have taken so many simulated milliseconds together. What a busy machine takes
   * beside them does not count, so that a limit stands where it stands at real pace.
   */
  limit(signal: AbortSignal, ms: number, exceeded: () => void): void;
  after(ms: number, run: () => void): () => void;
  /** Real milliseconds that a simulated duration takes. */
  real(ms: number): number;
  close(): void;
}

/** Network latencies that shrink below a timer's reach are skipped; longer waits always give others their turn. */
const LATENCY_MS = 100;
const SHORTEST_REAL_MS = 0.5;

export function createTimeline(scale: number): Timeline {
  const pending = new Set<NodeJS.Timeout>();
  let closed = false;

  const after = (ms: number, run: () => void): (() => void) => {
    if (closed) return () => undefined;
    const timer = setTimeout(() => {
      pending.delete(timer);
      run();
    }, ms / scale);
    pending.add(timer);
    return () => {
      clearTimeout(timer);
      pending.delete(timer);
    };
  };

  const limits = new WeakMap<AbortSignal, { leftMs: number; exceeded: () => void }>();
  /** A sleep that is too long for what is left of the limit ends it at once. */
  const spend = (ms: number, signal?: AbortSignal): void => {
    const limit = signal && limits.get(signal);
    if (!limit) return;
    limit.leftMs -= ms;
    if (limit.leftMs < 0) limit.exceeded();
  };

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    spend(ms, signal);
    return doze(ms, signal);
  };

  const doze = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.reject(asError(signal.reason));
    if (ms < LATENCY_MS && ms / scale < SHORTEST_REAL_MS) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(asError(signal?.reason));
      };
      const cancel = after(ms, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  };

  const pace = (signal: AbortSignal): ((ms: number) => Promise<void>) => {
    let lateMs = 0;
    return async (ms) => {
      spend(ms, signal);
      const wantedMs = ms / scale;
      const startedAt = performance.now();
      if (lateMs < wantedMs) await doze((wantedMs - lateMs) * scale, signal);
      else await nextTurn();
      signal.throwIfAborted();
      lateMs = Math.max(0, lateMs + performance.now() - startedAt - wantedMs);
    };
  };

  const close = (): void => {
    closed = true;
    for (const timer of pending) clearTimeout(timer);
    pending.clear();
  };
  const limit = (signal: AbortSignal, ms: number, exceeded: () => void): void => {
    limits.set(signal, { leftMs: ms, exceeded });
  };
  return { scale, sleep, pace, limit, after, real: (ms) => ms / scale, close };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
