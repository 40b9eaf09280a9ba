import { expect, test, vi } from "vitest";
import type { RunAnswer, RunTask } from "@/lib/tasks/schema";
import { exampleRun } from "./example-run";
import { createOrderKeeper } from "./order-keeper";
import { createRunStore } from "./run-store";

const agents = ["10.0.1.10:2886", "10.0.1.9:2886", "10.0.2.1:2886", "10.0.3.1:2886"];

const task = (agent: string, state: RunTask["state"], change: Partial<RunTask> = {}): RunTask => ({
  id: `1${agents.indexOf(agent)}`,
  stage: 1,
  agent,
  state,
  operator: "RUN",
  startedAt: "2026-11-23T03:00:00Z",
  endedAt: null,
  executeTimes: 1,
  stuck: false,
  ...change,
});

const run = exampleRun(agents);
const answer = (change: Partial<RunAnswer> = {}): RunAnswer => ({
  version: 1,
  ageMs: 0,
  upstreamPerSecond: 1,
  run,
  tasks: agents.map((agent) => task(agent, "RUNNING")),
  full: true,
  ...change,
});
const delta = (...tasks: RunTask[]) => answer({ version: 2, run: null, tasks, full: false });
const shown = (keeper: ReturnType<typeof createOrderKeeper>) =>
  keeper.read().lines.map((line) => `${line.kind} ${line.key}`);

test("an update tells the rows that changed and no others", () => {
  const store = createRunStore(answer());
  const [first, second] = [vi.fn(), vi.fn()];
  store.subscribe(`row:${agents[0]}`)(first);
  store.subscribe(`row:${agents[1]}`)(second);
  store.apply(delta(task("10.0.1.10:2886", "SUCCEED"), task("10.0.1.9:2886", "RUNNING")));
  expect(first).toHaveBeenCalledOnce();
  expect(second).not.toHaveBeenCalled();
});

test("rows stand in address order below their zones; those that only take part come last and folded", () => {
  expect(shown(createOrderKeeper(createRunStore(answer())))).toEqual([
    "coordinator coordinator",
    "group zone:zone1",
    "row 10.0.1.9:2886",
    "row 10.0.1.10:2886",
    "group zone:zone2",
    "row 10.0.2.1:2886",
    "group others",
  ]);
});

test("a failure comes first, but not while a pointer is over the rows", () => {
  const store = createRunStore(answer());
  const keeper = createOrderKeeper(store);
  keeper.subscribe(() => undefined);
  keeper.hold("pointer", true);
  const before = shown(keeper);
  store.apply(delta(task("10.0.2.1:2886", "FAILED")));
  expect(shown(keeper)).toEqual(before);
  expect(keeper.read().moved).toBe(true);
  keeper.resort();
  expect(shown(keeper).slice(1, 3)).toEqual(["group zone:zone2", "row 10.0.2.1:2886"]);
});

test("a zone with a failure opens itself once and stays closed when closed again", () => {
  const store = createRunStore(answer());
  const keeper = createOrderKeeper(store);
  keeper.subscribe(() => undefined);
  keeper.toggle("zone:zone2", false);
  store.apply(delta(task("10.0.2.1:2886", "FAILED")));
  expect(shown(keeper)).toContain("row 10.0.2.1:2886");
  keeper.toggle("zone:zone2", false);
  store.apply(delta(task("10.0.1.9:2886", "FAILED")));
  expect(shown(keeper)).not.toContain("row 10.0.2.1:2886");
});

test("cancelled, skipped and stuck are no failures", () => {
  const store = createRunStore(answer());
  store.apply(
    delta(
      task("10.0.1.10:2886", "FAILED", { operator: "CANCEL" }),
      task("10.0.1.9:2886", "SUCCEED", { operator: "PASS" }),
      task("10.0.2.1:2886", "RUNNING", { stuck: true }),
    ),
  );
  expect(agents.slice(0, 3).map((agent) => store.row(agent)?.mark)).toEqual(["cancelled", "skipped", "stuck"]);
});

test("a failed read keeps what is on screen and says since when the console is silent", () => {
  const store = createRunStore(answer());
  store.fail({ kind: "console-unreachable" });
  expect(store.run()?.id).toBe("1");
  expect(store.age().offlineSinceMs).not.toBeNull();
  store.apply(delta());
  expect(store.age()).toMatchObject({ offlineSinceMs: null, failure: null });
});
