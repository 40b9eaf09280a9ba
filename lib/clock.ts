/** The current time in Unix milliseconds; passed in so that tests set it. */
export type Clock = () => number;
export const systemClock: Clock = () => Date.now();

const LONG_AGO_MS = 7 * 24 * 60 * 60_000;
const UNEVEN_MS = 1_000;

/**
 * Ms since a moment that this process noted. A moment that lies ahead was noted before the clock was set back: how long ago
 * it is cannot be told, so it is longer ago than anything counts, and never fresh.
 */
export function ageOf(atMs: number, nowMs = Date.now()): number {
  const ageMs = nowMs - atMs;
  return ageMs < -UNEVEN_MS ? LONG_AGO_MS : Math.max(0, ageMs);
}

/**
 * Counts ms from now on. By the steady clock, which nobody sets; and by the time of day, because the steady one stands
 * still while the machine is suspended: the longer of both counts.
 */
export function stopwatch(): () => number {
  const [steadyMs, dayMs] = [performance.now(), Date.now()];
  return () => Math.max(performance.now() - steadyMs, Date.now() - dayMs);
}
