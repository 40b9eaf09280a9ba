import type { RunStage, RunTask } from "@/lib/tasks/schema";
import type { Row } from "./run-store";

export const NODE_PX = 44;
export const GAP_PX = 10;
/** Above this many nodes, the tasks of a stage fold into one box (ux D-2). */
const MOST_NODES = 60;

export interface GraphColumn {
  tasks: RunTask[];
  folded: boolean;
  /** Height of each node's middle, px. */
  middles: number[];
}

/** Places that follow from the number of tasks per stage alone. */
export function graphOf(stages: readonly RunStage[], rows: Iterable<Row>): { columns: GraphColumn[]; height: number } {
  const byStage = stages.map((): { task: RunTask; place: number }[] => []);
  let nodes = 0;
  for (const row of rows)
    for (const task of row.tasks.values()) {
      byStage[task.stage - 1]?.push({ task, place: row.place });
      nodes += 1;
    }
  const fold = nodes > MOST_NODES;
  const sizes = byStage.map((tasks) => (fold && tasks.length > 1 ? 2 * NODE_PX : heightOf(tasks.length)));
  const height = Math.max(NODE_PX, ...sizes);
  const columns = byStage.map((found, at): GraphColumn => {
    const tasks = found.sort((a, b) => a.place - b.place).map((one) => one.task);
    const folded = fold && tasks.length > 1;
    const count = folded ? 1 : Math.max(1, tasks.length);
    const node = folded ? 2 * NODE_PX : NODE_PX;
    const top = (height - (sizes[at] ?? node)) / 2;
    return { tasks, folded, middles: Array.from({ length: count }, (_, i) => top + node / 2 + i * (node + GAP_PX)) };
  });
  return { columns, height };
}

const heightOf = (count: number): number => Math.max(1, count) * (NODE_PX + GAP_PX) - GAP_PX;
