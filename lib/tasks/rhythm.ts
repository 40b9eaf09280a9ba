/** How often the engine is asked about one run, whoever watches (ux L-2, L-4). */
export const SUMMARY_MS = 1_000;
export const TOPOLOGY_MS = 3_000;
/** At most two reads per second on average: a pass with more reads is followed by a longer pause. */
const MS_PER_READ = 500;
const BACK_OFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const JITTER = 0.2;

/** How often the stage that is going is read in detail; a large stage is a large answer. */
export function detailMs(agents: number): number {
  if (agents <= 30) return 1_000;
  if (agents <= 100) return 2_000;
  return agents <= 300 ? 3_000 : 5_000;
}

/** `random` is between 0 and 1; failures are retried for ever. */
export function backOffMs(failures: number, random: number): number {
  const base = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1] ?? SUMMARY_MS;
  return base * (1 - JITTER + 2 * JITTER * random);
}

export const periodMs = (reads: number): number => Math.max(SUMMARY_MS, reads * MS_PER_READ);

const RATE_WINDOW_MS = 10_000;

/** Counts reads, for the diagnostics line. */
export function createRate(clock: () => number) {
  let times: number[] = [];
  let total = 0;
  return {
    count() {
      total += 1;
      times.push(clock());
    },
    total: () => total,
    perSecond() {
      const since = clock() - RATE_WINDOW_MS;
      times = times.filter((time) => time > since);
      return times.length / (RATE_WINDOW_MS / 1_000);
    },
  };
}
