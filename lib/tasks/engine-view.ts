import { ageOf } from "../clock";
import type { Clock } from "../clock";
import type { Dag, DagNode } from "../obshell/schema";
import { hasEnded, isParallel } from "./engine-words";
import { REPORT_MS } from "./outcome";
import { detailMs, TOPOLOGY_MS } from "./rhythm";
import type { RunSource } from "./run-source";

export interface EngineView {
  /** The run in the engine's words, as last read; null before that. */
  dag(): Dag | null;
  /** Console time of the last successful read. */
  readAtMs(): number;
  /** Console time at which the run ended; null while it goes on. */
  endedMs(): number | null;
  /** The end was watched, or was recent when the run was first read. */
  sawEnd(): boolean;
  /** One look: the light summary, and details where they are due. */
  read(): Promise<void>;
}

/** Keeps one run up to date with as little as possible: details in full only on opening, on a new stage and at the end. */
export function createEngineView(
  source: RunSource,
  options: { clock: Clock; signal: AbortSignal; skewMs: () => number },
): EngineView {
  const { clock, signal } = options;
  let dag: Dag | null = null;
  let readAtMs = 0;
  let detailAtMs = 0;
  let sawLive = false;
  let endedMs: number | null = null;
  let sawEnd = false;

  async function look(before: Dag | null): Promise<Dag> {
    // The first question is a light one too: whether anybody answers is known sooner.
    if (before === null) await source.dag(false, signal);
    if (before === null) return readInFull();
    const node = before.nodes[before.stage - 1];
    const due = node && !hasEnded(before) && ageOf(detailAtMs, clock()) >= detailMs(agentsOf(before)) ? node : null;
    if (due) detailAtMs = clock();
    const [summary, detail] = await Promise.all([
      source.dag(false, signal),
      due ? source.node(due.id, signal).catch(() => null) : null,
    ]);
    // A retry may have come to another end in the same stage.
    const moved =
      summary.stage !== before.stage || hasEnded(summary) !== hasEnded(before) || summary.endedAt !== before.endedAt;
    return moved ? readInFull() : merge(before, summary, detail);
  }

  async function readInFull(): Promise<Dag> {
    const full = await source.dag(true, signal);
    detailAtMs = clock();
    return full;
  }

  function noteEnd(next: Dag): void {
    if (!hasEnded(next)) {
      sawLive = true;
      endedMs = null;
      return;
    }
    if (endedMs !== null && next.endedAt === dag?.endedAt) return;
    endedMs = next.endedAt ? Math.min(readAtMs, Date.parse(next.endedAt) - options.skewMs()) : readAtMs;
    // What was watched ended just now, whatever the clocks of the hosts say.
    if (sawLive) endedMs = Math.max(endedMs, readAtMs - TOPOLOGY_MS);
    sawEnd = sawLive || readAtMs - endedMs < REPORT_MS;
  }

  return {
    dag: () => dag,
    readAtMs: () => readAtMs,
    endedMs: () => endedMs,
    sawEnd: () => sawEnd,
    async read() {
      const next = await look(dag);
      readAtMs = clock();
      noteEnd(next);
      dag = next;
    },
  };
}

const agentsOf = (dag: Dag): number => Math.max(1, ...dag.nodes.filter(isParallel).map((node) => node.subTasks.length));

/** What a light read brings, over the details that are known. */
function merge(known: Dag, summary: Dag, detail: DagNode | null): Dag {
  const nodes = detail ? known.nodes.map((node) => (node.id === detail.id ? detail : node)) : known.nodes;
  return { ...summary, nodes, subDags: known.subDags, mainDagId: known.mainDagId };
}
