export interface Deadline {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Runs with a signal that fires at the deadline or with the caller's own. Not `AbortSignal.any` with
 * `AbortSignal.timeout`: on Node 20 the combined signal can be collected before it fires. A deadline aborts with a
 * `TimeoutError`, as `AbortSignal.timeout` does.
 */
export async function withDeadline<T>(
  { timeoutMs, signal }: Deadline,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const expire = () => controller.abort(new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError"));
  const follow = () => controller.abort(signal?.reason);
  const timer = setTimeout(expire, timeoutMs);
  if (signal?.aborted) follow();
  else signal?.addEventListener("abort", follow, { once: true });
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", follow);
  }
}

/** True for a deadline that passed, false for somebody who gave up. */
export const isTimeout = (signal: AbortSignal): boolean =>
  signal.reason instanceof Error && signal.reason.name === "TimeoutError";

/**
 * The work, or the reason why the signal fired, whichever comes first. undici looks at a signal only once it is
 * connected, so without this a host that drops packets keeps a caller for as long as a connect may take.
 */
export function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
