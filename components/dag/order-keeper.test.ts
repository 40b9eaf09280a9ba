import { expect, test } from "vitest";
import type { RunAnswer, RunTask } from "@/lib/tasks/schema";
import { exampleRun } from "./example-run";
import { createOrderKeeper } from "./order-keeper";
import { createRunStore } from "./run-store";

const AGENTS = ["10.0.1.1:2886", "10.0.1.2:2886", "10.0.3.1:2886"];

const task = (agent: string, state: RunTask["state"]): RunTask => ({
  ...{ id: `t-${agent}`, stage: 1, agent, state, operator: "RUN", stuck: false, executeTimes: 1 },
  ...{ startedAt: "2026-01-01T00:00:00Z", endedAt: null },
});
const answer = (version: number, state: RunTask["state"], runState: "RUNNING" | "FAILED"): RunAnswer => ({
  ...{ version, full: version === 1, ageMs: 0, upstreamPerSecond: 0 },
  run: exampleRun(AGENTS, { state: runState }),
  tasks: AGENTS.map((agent) => task(agent, state)),
});
const countsOf = (keeper: ReturnType<typeof createOrderKeeper>) =>
  keeper.read().groups.find(({ zone }) => zone === "zone1")?.counts;

test("going to another view and back shows the zone's counts as they are now, though nothing changes any more", () => {
  const store = createRunStore(answer(1, "RUNNING", "RUNNING"));
  const keeper = createOrderKeeper(store);
  const leave = keeper.subscribe(() => undefined); // the matrix is shown
  leave(); // tiles are chosen
  store.apply(answer(2, "FAILED", "FAILED"));
  keeper.subscribe(() => undefined); // back to the matrix
  keeper.choose("worst", null);
  expect(countsOf(keeper)).toMatchObject({ failed: 2, running: 0 });
});

test("the first picture after coming back is the present one, also before it is listened to, and stands still", () => {
  const store = createRunStore(answer(1, "RUNNING", "RUNNING"));
  const keeper = createOrderKeeper(store);
  store.apply(answer(2, "FAILED", "FAILED"));
  expect(countsOf(keeper)).toMatchObject({ failed: 2, running: 0 });
  expect(keeper.read()).toBe(keeper.read());
});
