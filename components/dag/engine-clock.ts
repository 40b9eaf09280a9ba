import type { Run } from "@/lib/tasks/schema";

/** A jump smaller than this is network noise; following it would make durations stutter. */
const NOISE_MS = 1_500;

export interface EngineClock {
  set(run: Run | null, ageMs: number): void;
  /** Milliseconds on the engine's clock. Moves once a second, and only while `run(true)`. */
  now(): number;
  /** What the server rendered with, so that the first paint of the browser says the same. */
  first(): number;
  subscribe(listener: () => void): () => void;
  tick(): void;
}

/** Durations are measured on the engine's clock without trusting the browser's: only its steady counter is used (ux D-12). */
export function createEngineClock(): EngineClock {
  const listeners = new Set<() => void>();
  let offset: number | null = null;
  let first = 0;
  let now = 0;
  return {
    set(run, ageMs) {
      if (!run) return;
      const engineNow = run.consoleNowMs + run.skewMs;
      const next = engineNow - performance.now() + ageMs;
      if (offset === null) first = now = engineNow;
      // A snapshot is handed out again while it is fresh, so only a newer one may move the clock.
      if (offset === null || next - offset > NOISE_MS || offset - next > 10 * NOISE_MS) offset = next;
    },
    now: () => now,
    first: () => first,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tick() {
      if (offset === null) return;
      now = Math.max(now, performance.now() + offset);
      listeners.forEach((listener) => listener());
    },
  };
}
