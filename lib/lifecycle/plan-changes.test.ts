import { expect, test } from "vitest";
import { exampleTopology, withoutAgent } from "../clusters/testing/example-topology";
import type { Draft } from "./draft";
import { impactOf } from "./impact";
import { planChanges } from "./plan-changes";
import type { Blocker, PlanRun } from "./schema";

const BLOCKER: Blocker = {
  ...{ id: "201677721710288617", name: "Stop OB", state: "FAILED", stage: 2, maxStage: 6, since: null, by: null },
  ...{ coordinator: "10.0.0.11:2886", agents: [], work: "over", releasable: true, chosen: false },
};
const RUN: PlanRun = {
  ...{ id: BLOCKER.id, name: "Stop OB", state: "RUNNING", stage: 4, maxStage: 6 },
  ...{ coordinator: "10.0.0.11:2886", by: "li.wei", endedAt: null },
};

function draft(fingerprint: string, change: Partial<Draft> = {}): Draft {
  const topology = exampleTopology();
  const impact = impactOf(topology, new Set(), "stop");
  const none = { blockers: [], checks: [], targets: [], tierReasons: [], coordinator: null, run: null, call: null };
  return { topology, impact, fingerprint, tier: 1, ...none, ...change };
}

test("what comes in the way, goes out of it, or goes on, is said by its name", () => {
  const held = draft("a", { blockers: [BLOCKER] });
  const going = draft("b", { blockers: [{ ...BLOCKER, work: "going" }] });
  const free = draft("c");
  const run = BLOCKER.id;
  expect(planChanges(free, held)).toEqual([{ message: "blocker-came", params: { run, name: "Stop OB" } }]);
  expect(planChanges(held, free)).toEqual([{ message: "blocker-gone", params: { run } }]);
  const untold = draft("d", { blockers: [{ ...BLOCKER, state: "UNKNOWN", work: "unknown" }] });
  expect(planChanges(held, untold)).toEqual([{ message: "blocker-going", params: { run, work: "unknown" } }]);
  const more = draft("e", { blockers: [{ ...BLOCKER, agents: ["10.0.0.11:2886"] }] });
  expect(planChanges(held, more)).toEqual([{ message: "blocker-holds", params: { run, was: 0, count: 1 } }]);
  expect(planChanges(held, going)).toEqual([{ message: "blocker-going", params: { run, work: "going" } }]);
});

test("a run that ends while its plan is read is said with how it ended", () => {
  const ended = draft("b", { run: { ...RUN, state: "FAILED" } });
  expect(planChanges(draft("a", { run: RUN }), ended)).toEqual([
    { message: "run-state", params: { run: RUN.id, from: "RUNNING", to: "FAILED" } },
  ]);
});

test("a target that has lost its agent is said to be without one, not to have left the cluster", () => {
  const at = "10.0.1.1:2886";
  const reviewed = draft("a", { targets: exampleTopology().zones[0]?.servers.slice(0, 1) ?? [] });
  const topology = withoutAgent(exampleTopology(), at);
  expect(planChanges(reviewed, draft("b", { topology }))).toEqual([
    { message: "targets-agentless", params: { gone: at } },
  ]);
});

test("another server without an agent in the stopped zones is said", () => {
  const impact = { ...impactOf(exampleTopology(), new Set(), "stop"), outOfReach: ["10.0.1.3:2882"] };
  expect(planChanges(draft("a"), draft("b", { impact }))).toEqual([
    { message: "out-of-reach", params: { count: 1, list: "10.0.1.3:2882" } },
  ]);
});

test("of hundreds of tenants and servers a few are named, and how many there are", () => {
  const many = Array.from({ length: 201 }, (_, at) => `t${at}`);
  const { majority, ...impact } = draft("a").impact;
  const lost = draft("b", { impact: { ...impact, majority: { ...majority, verdict: "lost", tenants: many } } });
  const [change] = planChanges(draft("a"), lost);
  expect(change).toMatchObject({ message: "majority", params: { tenants: "t0, t1, t2, t3 … (201)" } });
});
