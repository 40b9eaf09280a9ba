import type { SubTask } from "./dag";
import type { Fault } from "./fault";

const DEFAULT_NODE = "Wait for all agents to execute tasks successfully";

/** The lines of a task that has much to say: each names its number, so that a missing one is seen. */
export function* longLog(
  subTask: SubTask,
  fault: Extract<Fault, { kind: "long-log" }> | undefined,
): Generator<string, void> {
  if (!fault || subTask.name !== (fault.node ?? DEFAULT_NODE)) return;
  for (let line = 1; line <= fault.lines; line += 1)
    yield `[${line}/${fault.lines}] ${subTask.agent}: checked log stream ${1_000 + (line % 997)}, nothing to do`;
}
