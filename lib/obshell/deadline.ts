export interface Deadline {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Aborts with this signal too, until the returned function is called. Not `AbortSignal.any`: on Node 20 the combined
 * signal can be collected before it fires; a rule of the linter keeps it out.
 */
export function follow(controller: AbortController, signal: AbortSignal | undefined): () => void {
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  return () => signal?.removeEventListener("abort", abort);
}

/**
 * Runs with a signal that fires at the deadline or with the caller's own. A deadline aborts with a `TimeoutError`, as
 * `AbortSignal.timeout` does.
 */
export async function withDeadline<T>(
  { timeoutMs, signal }: Deadline,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const expire = () => controller.abort(new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError"));
  const timer = setTimeout(expire, timeoutMs);
  const leave = follow(controller, signal);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    leave();
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
