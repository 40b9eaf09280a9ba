import type { Moment } from "./dag";

/** The main DAG that has come to a stage. */
export interface MomentOf {
  readonly dagId: string;
  readonly coordinator: string;
}

/** Who wants to be told once when the next main DAG begins a stage, before any step of it runs. */
export interface Moments {
  when(moment: Moment, run: (of: MomentOf) => void): () => void;
  entered(moment: Moment, of: MomentOf): void;
}

export function createMoments(): Moments {
  const waiting = new Set<{ moment: Moment; run: (of: MomentOf) => void }>();
  return {
    when(moment, run) {
      const entry = { moment, run };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    entered(moment, of) {
      for (const entry of [...waiting]) {
        if (entry.moment !== moment) continue;
        waiting.delete(entry);
        entry.run(of);
      }
    },
  };
}
