import { expect, test } from "vitest";
import type { Agent, World } from "./agent";
import { AgentError } from "./agent-error";
import { createWorld } from "./create-world";
import type { Dag, MainRun, StopMode, TaskState } from "./dag";
import { operateDag, operateNode } from "./dag-operations";
import type { DagPlan } from "./dag-store";
import { mainDagPlan } from "./main-dag";
import { isSince, VERSIONS, type Version } from "./scenarios";
import { subDagPlan } from "./sub-dag";
import { seatsOf, zoneNamesOf } from "./topology";

/** Protocol 6.5, written down once more: what each node allows. */
const WORDS: Readonly<Record<string, string>> = {
  "Minor freeze before stop server": "cancel retry rollback pass",
  "Start Zone": "cancel retry",
  "Start preparations": "cancel retry pass",
  "Stop observer": "cancel retry pass",
  "Start observer": "cancel retry rollback pass",
  "Check ob process and config": "cancel pass",
  "Execute start observer sql": "cancel pass",
  "Wait for task to end": "cancel pass",
};
const allows = (version: Version, node: string, what: string): boolean => {
  const words = (WORDS[node] ?? "cancel").split(" ");
  // The freeze can be passed since the 4.3.3.0 line.
  if (what === "pass" && node.startsWith("Minor freeze") && !isSince(version, "4.4.0.0")) return false;
  return words.includes(what);
};

function worldOf(version: Version): { world: World; agent: Agent } {
  const layout = { zoneSizes: [1, 1, 1] };
  const places = seatsOf(layout).map((seat, at) => ({ ...seat, port: 2_886 + at }));
  const world = createWorld({ scenario: "small", version }, zoneNamesOf(layout), places);
  const [agent] = world.agents;
  if (!agent) throw new Error("no agent");
  return { world, agent };
}

const runOf = (world: World, action: "stop" | "start", mode: StopMode, freeze: boolean): MainRun => ({
  action,
  mode,
  freeze,
  scope: { type: "GLOBAL", target: [] },
  targets: new Set(world.agents.map(({ address }) => address)),
  forcePass: [],
  subDags: new Map(),
  succeeded: new Set(),
});

type Kind = readonly [name: string, plan: (world: World, agent: Agent) => DagPlan];
const main = (name: string, action: "stop" | "start", mode: StopMode, freeze = false): Kind => [
  `main DAG of a ${name}`,
  (world, agent) => mainDagPlan(world, agent, runOf(world, action, mode, freeze)),
];
const sub = (name: string, action: "stop" | "start", mode: StopMode): Kind => [
  `sub DAG of a ${name}`,
  (world, agent) => {
    const order = { mainDagId: agent.idOf(1), coordinator: agent, run: runOf(world, action, mode, false) };
    return subDagPlan(world, agent, order);
  },
];
const KINDS: readonly Kind[] = [
  main("graceful stop", "stop", "stop"),
  main("forced stop", "stop", "force"),
  main("terminating stop", "stop", "terminate", true),
  main("zone stop with freeze", "stop", "zone", true),
  main("start", "start", "stop"),
  sub("graceful stop", "stop", "stop"),
  sub("forced stop", "stop", "force"),
  sub("start", "start", "stop"),
];

/** The stages before went well; the one at hand is as told. */
function bringTo(dag: Dag, stage: number, state: TaskState): void {
  dag.stage = stage;
  dag.state = state;
  for (const [at, node] of dag.nodes.entries()) {
    const there: TaskState = at + 1 < stage ? "SUCCEED" : at + 1 === stage ? state : "PENDING";
    for (const status of [node, ...node.subTasks]) status.state = there;
  }
}

const outcomeOf = (operate: () => void): string => {
  try {
    operate();
    return "done";
  } catch (error) {
    if (error instanceof AgentError) return error.errCode.split(".").at(-1) ?? "";
    throw error;
  }
};

/** What must come of it: refusals look at the DAG's state before they look at its nodes. */
function expected(version: Version, names: readonly string[], stage: number, state: TaskState): string[] {
  const name = names[stage - 1] ?? "";
  const answer = (allowed: boolean, refusal: string): string => (allowed ? "done" : refusal);
  if (state !== "FAILED")
    return [
      "RetryNotFailedDag",
      "RollbackNotFailedDag",
      state === "RUNNING" ? "done" : "CancelFinishedDag",
      "PassNotFailedDag",
      "PassNotFailedDag",
    ];
  const upTo = names.slice(0, stage);
  const left = names.slice(stage - 1);
  const can = (what: string) => (node: string) => allows(version, node, what);
  return [
    answer(can("retry")(name), "RetryNotAllowed"),
    answer(upTo.every(can("rollback")), "RollbackNotAllowed"),
    "CancelFinishedDag",
    answer(left.every(can("pass")), "PassNotAllowed"),
    answer(can("pass")(name), "PassNotAllowed"),
  ];
}

const CASES = VERSIONS.flatMap((version) => KINDS.map(([name, plan]) => ({ version, name, plan })));

test.each(CASES)("$version: every operation on every node of the $name", ({ version, plan }) => {
  const { world, agent } = worldOf(version);
  const names = plan(world, agent).nodes.map((node) => node.name);
  for (const state of ["RUNNING", "FAILED", "SUCCEED"] as const)
    for (const [at, name] of names.entries()) {
      const stage = at + 1;
      // Each operation meets a DAG of its own.
      const outcomes = ["RETRY", "ROLLBACK", "CANCEL", "PASS", "node PASS"].map((operator) => {
        const dag = agent.store.create(plan(world, agent), 1_000);
        bringTo(dag, stage, state);
        const node = dag.nodes[at];
        if (!node) throw new Error("no such stage");
        return outcomeOf(() =>
          operator === "node PASS" ? operateNode(agent, dag, node) : operateDag(agent, dag, operator),
        );
      });
      expect({ name, state, outcomes }).toEqual({ name, state, outcomes: expected(version, names, stage, state) });
    }
  world.timeline.close();
});
