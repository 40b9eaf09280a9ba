import type { Run } from "@/lib/tasks/schema";

const START = "2026-11-23T03:00:00Z";

const stage: Run["stages"][number] = {
  id: "1",
  name: "Wait for all agents to stop",
  key: "wait",
  parallel: true,
  state: "RUNNING",
  operator: "RUN",
  startedAt: START,
  endedAt: null,
  total: 4,
  done: 0,
  failed: 0,
  running: 4,
};

/** For tests: a stop of all but the last of these servers, while it stops them. Agents at 10.0.<zone>.<n>:2886. */
export function exampleRun(agents: readonly string[], change: Partial<Run> = {}): Run {
  const targets = agents.slice(0, -1);
  return {
    id: "1",
    cluster: { id: "c", name: "prod-core", environment: "PROD" },
    name: "Stop OB",
    kind: "stop",
    state: "RUNNING",
    method: "terminate",
    targets,
    zoneOf: Object.fromEntries(agents.map((agent) => [agent, `zone${agent.charAt(5)}`])),
    by: null,
    reason: null,
    approvedBy: null,
    breakGlass: false,
    planId: null,
    scope: null,
    continues: null,
    followUps: [],
    now: null,
    offers: [],
    coordinator: agents.at(-1) ?? "",
    readFrom: null,
    stage: 1,
    maxStage: 1,
    stages: [stage],
    startedAt: START,
    beganAt: START,
    endedAt: null,
    skewMs: 0,
    consoleNowMs: Date.parse(START) + 10_000,
    counts: { total: targets.length, done: 0, failed: 0, running: targets.length, waiting: 0 },
    subDags: {},
    outcome: exampleOutcome({ total: targets.length }),
    estimate: null,
    problems: [],
    settled: false,
    ...change,
  };
}

/** For tests: an outcome that is not known yet. */
export const exampleOutcome = (change: Partial<Run["outcome"]> = {}): Run["outcome"] => ({
  state: "waiting",
  wanted: "PROCESS_STOPPED",
  stopped: 0,
  failed: 0,
  cancelled: 0,
  again: 0,
  notReported: 0,
  total: 0,
  missed: [],
  checkedAt: null,
  ...change,
});
