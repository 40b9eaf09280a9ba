import type { Dag, DagNode, SubTask, TaskState } from "../obshell/schema";
import { encodeTaskId } from "../obshell/wire/task-id";

export const COORDINATOR = "10.0.1.1:2886";
/** Engine time at which the example runs begin. */
export const START = Date.parse("2026-01-01T00:00:00Z");
const STAGE_MS = 2_000;

const FORCE = [
  "Inform all agents to prepare to stop observer",
  "Make sure all agents are ready",
  "Advance agents to execute the task",
  "Wait for all agents to execute tasks successfully",
  "Inform all agents to end the task",
];
const STOP = [...FORCE.slice(0, 4), "Execute stop sql", ...FORCE.slice(4)];
const TERMINATE = [...FORCE.slice(0, 2), "Minor freeze before stop server", ...FORCE.slice(2)];
const PLANS = { force: FORCE, stop: STOP, terminate: TERMINATE };

export const exampleId = (localId: number): string => encodeTaskId(COORDINATOR, localId) ?? "";
const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * For tests: a main stop run of these agents as an agent reports it, at `stage`, everything before it done in 2 s each.
 * `state` is the run's; the tasks of the stage are RUNNING or as `task` says.
 */
export function exampleDag(
  agents: readonly string[],
  at: {
    method?: keyof typeof PLANS;
    stage: number;
    state?: TaskState;
    task?: (agent: string, key: string) => Partial<SubTask>;
    change?: Partial<Dag>;
  },
): Dag {
  const names = PLANS[at.method ?? "force"];
  const state = at.state ?? "RUNNING";
  let next = 100;
  const nodes = names.map((name, index): DagNode => {
    const stage = index + 1;
    const own: TaskState = stage < at.stage || state === "SUCCEED" ? "SUCCEED" : stage > at.stage ? "PENDING" : state;
    const startedAt = iso(START + index * STAGE_MS);
    const times = { startedAt, endedAt: own === "SUCCEED" || own === "FAILED" ? iso(START + stage * STAGE_MS) : null };
    const fanned = /prepare|^Wait/.test(name);
    const id = exampleId((next += 1));
    const subTasks = (fanned ? agents : [COORDINATOR]).map((agent): SubTask => ({
      id: exampleId((next += 1)),
      name,
      state: own,
      operator: "RUN",
      ...times,
      executeTimes: own === "PENDING" ? 0 : 1,
      agent,
      logs: [],
      ...at.task?.(agent, name),
    }));
    return { id, name, state: own, operator: "RUN", ...times, subTasks };
  });
  return {
    id: exampleId(17),
    name: "Stop OB",
    state,
    operator: "RUN",
    startedAt: iso(START),
    endedAt: state === "SUCCEED" || state === "FAILED" ? iso(START + at.stage * STAGE_MS) : null,
    stage: at.stage,
    maxStage: names.length,
    subDags: Object.fromEntries(agents.map((agent) => [agent, encodeTaskId(agent, 5) ?? ""])),
    mainDagId: null,
    nodes,
    ...at.change,
  };
}

/** What an agent answers without details. */
export const summaryOf = (dag: Dag): Dag => ({ ...dag, nodes: [], subDags: {} });
