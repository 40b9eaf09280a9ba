import type { Agent, World } from "./agent";
import type { Dag, DagNode, MainRun, TaskOperator, TaskState } from "./dag";
import { mainDagPlan } from "./main-dag";
import type { ScenarioName } from "./scenarios";
import { subDagPlan } from "./sub-dag";

const SLOW_MS = 4_000;
const SKEW_SECONDS = 14;
const LONG_AGO_MS = 7_200_000;

/** Puts a fresh, healthy cluster into the named situation. */
export function applyScenario(world: World, scenario: ScenarioName): void {
  const { faults, database } = world;
  const inZone = (at: number): Agent[] => world.agents.filter(({ zone }) => zone === database.zones[at]?.name);
  const [, second, third] = inZone(1);
  const last = inZone(2).at(-1);
  if (isQuiet(scenario)) return;
  if (!second || !third || !last) throw new Error(`${scenario} needs three observers in zone2 and one in zone3`);
  switch (scenario) {
    case "one-fails":
      faults.set(second.address, { kind: "kill-failure" }, true);
      faults.set(second.address, { kind: "sql-error" }, true);
      return;
    case "stuck":
      for (const agent of [second, third]) faults.set(agent.address, { kind: "kill-slow" }, true);
      return;
    case "agent-dead":
      return faults.set(last.address, { kind: "agent-down" }, true);
    case "no-majority":
      for (const server of database.servers.filter(({ zone }) => zone === last.zone)) {
        server.isRunning = false;
        server.changedAt = Date.now() - LONG_AGO_MS;
      }
      return;
    case "db-down":
      return faults.set("*", { kind: "database-down" }, true);
    case "maintenance-held":
      return holdMaintenance(world, inZone(1));
    case "slow-agent":
      return faults.set(last.address, { kind: "slow", delayMs: SLOW_MS }, true);
    case "clock-skew":
      return faults.set(last.address, { kind: "clock-skew", seconds: SKEW_SECONDS }, true);
    case "lost-answer":
      return faults.set("*", { kind: "lose-answer" }, true);
    case "silent-host":
      return faults.set(last.address, { kind: "host-silent" }, true);
    case "frozen-observer":
      return faults.set(second.address, { kind: "observer-frozen" }, true);
    case "revived":
      return faults.set("*", { kind: "revived" }, true);
  }
}

const QUIET_NAMES = [
  "small",
  "medium",
  "large",
  "huge",
  "coordinator-lost",
  "agentless-server",
  "ghost-member",
] as const;
type Quiet = (typeof QUIET_NAMES)[number];
const QUIET: readonly ScenarioName[] = QUIET_NAMES;
/** No fault is set there, or not yet. */
const isQuiet = (scenario: ScenarioName): scenario is Quiet => QUIET.includes(scenario);

/** A graceful stop of the second zone that somebody cancelled in its Wait stage and never cleaned up: the zone is still locked. */
function holdMaintenance(world: World, locked: readonly Agent[]): void {
  const coordinator = world.agents[1];
  if (!coordinator) return;
  const run: MainRun = {
    action: "stop",
    mode: "stop",
    freeze: false,
    scope: { type: "ZONE", target: locked.slice(0, 1).map(({ zone }) => zone) },
    targets: new Set(locked.map((agent) => agent.address)),
    forcePass: [],
    subDags: new Map(),
    succeeded: new Set(),
  };
  const at = Date.now() - LONG_AGO_MS;
  const main = coordinator.store.create(mainDagPlan(world, coordinator, run), at);
  const mainDagId = coordinator.idOf(main.id);
  settle(main, 4, "FAILED", "CANCEL", at);
  for (const agent of world.agents) {
    const sub = agent.store.create(subDagPlan(world, agent, { mainDagId, coordinator, run }), at);
    run.subDags.set(agent.address, { id: agent.idOf(sub.id), goodStage: 2 });
    if (locked.includes(agent)) settle(sub, 2, "FAILED", "RUN", at);
    else settle(sub, 2, "SUCCEED", "PASS", at);
  }
}

const STEP_MS = 2_000;

/** Writes a DAG's history: the stages before went well, the given one ended as told. */
function settle(dag: Dag, stage: number, state: TaskState, operator: TaskOperator, at: number): void {
  Object.assign(dag, { stage, state, operator, endedAt: at + stage * STEP_MS });
  for (const [index, node] of dag.nodes.entries()) {
    if (index + 1 < stage) settleNode(node, "SUCCEED", "RUN", at + index * STEP_MS);
    else if (index + 1 === stage) settleNode(node, state, operator, at + index * STEP_MS);
  }
}

function settleNode(node: DagNode, state: TaskState, operator: TaskOperator, at: number): void {
  const status = { state, operator, startedAt: at, endedAt: at + STEP_MS };
  Object.assign(node, status);
  const text = state === "FAILED" && operator === "RUN" ? "ERROR: wait operator to advance" : `${node.name}: done`;
  const logs = [{ id: 1, executeTimes: 1, text, at }];
  for (const subTask of node.subTasks) Object.assign(subTask, status, { executeTimes: 1, logs });
}
