/** The current time in Unix milliseconds; passed in so that tests set it. */
export type Clock = () => number;
export const systemClock: Clock = () => Date.now();

/**
 * Counts ms from now on. By the steady clock, which nobody sets; and by the time of day, because the steady one stands
 * still while the machine is suspended: the longer of both counts.
 */
export function stopwatch(): () => number {
  const [steadyMs, dayMs] = [performance.now(), Date.now()];
  return () => Math.max(performance.now() - steadyMs, Date.now() - dayMs);
}
