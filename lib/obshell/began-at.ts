import type { Dag } from "./schema";

/**
 * When a run was taken. RETRY and CANCEL set its own time anew, and that of the node at which it stands; the other nodes
 * keep theirs, and what was never begun tells the creation. An answer without details tells only when it was last taken up.
 * Source: obshell ob/agent/service/task/dag.go, updateDagOperator; node.go, updateNodeOperator.
 */
export function beganAt({ startedAt, nodes }: Pick<Dag, "startedAt" | "nodes">): string | null {
  const told = nodes.flatMap((node) => [node.startedAt, ...node.subTasks.map((task) => task.startedAt)]);
  return earliest([startedAt, ...told]);
}

/** The earliest of the times that are known. */
export function earliest(times: readonly (string | null)[]): string | null {
  let first: string | null = null;
  for (const at of times) if (at !== null && (first === null || Date.parse(at) < Date.parse(first))) first = at;
  return first;
}
