import { expect, test } from "vitest";
import type { Run } from "../tasks/schema";
import { endOf, tellRun } from "./run-story";

const NOW = "2026-11-23T03:12:41.000Z";
const NOTHING = { stage: 0, failures: [], silentSince: null, done: [], refused: false, parts: [] };

function exampleRun(change: Partial<Run> = {}): Run {
  const stage = (name: string) => ({
    ...{ id: name, name, key: "other" as const, parallel: false, state: "RUNNING" as const, operator: "RUN" as const },
    ...{ startedAt: null, endedAt: null, total: 1, done: 0, failed: 0, running: 1 },
  });
  return {
    id: "77",
    cluster: { id: "c1", name: "core", environment: "TEST" },
    ...{ name: "Stop OB", kind: "stop", state: "RUNNING", method: "force", targets: ["a", "b"], zoneOf: {} },
    ...{
      by: "li.wei",
      reason: "INC-1",
      approvedBy: null,
      breakGlass: false,
      planId: "p1",
      coordinator: "10.0.0.1:2886",
      readFrom: null,
    },
    ...{ scope: "SERVER", continues: null, followUps: [], now: null, offers: [] },
    ...{
      stage: 1,
      maxStage: 2,
      stages: [stage("Inform"), stage("Wait")],
      startedAt: NOW,
      beganAt: NOW,
      endedAt: null,
      skewMs: 0,
    },
    consoleNowMs: 0,
    counts: { total: 2, done: 0, failed: 0, running: 2, waiting: 0 },
    subDags: {},
    outcome: {
      ...{
        state: "waiting",
        wanted: "PROCESS_STOPPED",
        stopped: 0,
        failed: 0,
        cancelled: 0,
        again: 0,
        notReported: 2,
        total: 2,
      },
      ...{ missed: [], checkedAt: null },
    },
    estimate: null,
    problems: [],
    settled: false,
    ...change,
  };
}

const problem = (agents: string[]): Run["problems"][number] => ({
  ...{ kind: "agents-not-done", stage: 2, taskId: null, agents, agentCode: "OB.Server", agentMessage: "kill failed" },
  ...{ cause: "kill-failed", heldBy: [] },
});

test("each stage is told once, also by a process that takes over", () => {
  const first = tellRun(NOTHING, exampleRun(), NOW);
  expect(first.lines).toMatchObject([{ by: "engine", event: "step", detail: { stage: "Inform", text: "1/2" } }]);
  expect(tellRun(first.progress, exampleRun(), NOW).lines).toEqual([]);
  const second = tellRun(first.progress, exampleRun({ stage: 2 }), NOW);
  expect(second.lines).toMatchObject([{ event: "step", detail: { stage: "Wait" } }]);
});

test("a failure is told when it is new, with who it is about and the agent's words", () => {
  const { lines, progress } = tellRun({ ...NOTHING, stage: 1 }, exampleRun({ problems: [problem(["a"])] }), NOW);
  expect(lines).toMatchObject([
    { event: "failed", detail: { text: "a: kill failed", stage: "Wait" }, outcome: { kind: "agents-not-done" } },
  ]);
  expect(tellRun(progress, exampleRun({ problems: [problem(["a", "b"])] }), NOW).lines).toEqual([]);
});

test("an answer that says why the run cannot be read is no silence, and its reason is told", () => {
  const { lines } = tellRun(NOTHING, null, NOW, "password-rejected");
  expect(lines).toMatchObject([{ event: "silent", outcome: { kind: "password-rejected" } }]);
  const [silent] = tellRun(NOTHING, null, NOW, "agent-timeout").lines;
  expect(silent).not.toHaveProperty("outcome");
});

test("a gap has a beginning and an end", () => {
  const silent = tellRun({ ...NOTHING, stage: 1 }, exampleRun({ state: "UNKNOWN" }), NOW);
  expect(silent.lines).toMatchObject([{ event: "silent" }]);
  expect(silent.progress.silentSince).toBe(NOW);
  expect(tellRun(silent.progress, null, NOW).lines).toEqual([]);
  const heard = tellRun(silent.progress, exampleRun(), NOW);
  expect(heard.lines).toMatchObject([{ event: "heard" }]);
  expect(heard.progress.silentSince).toBeNull();
});

test("the last word counts servers, and is a failure unless the engine and the servers agree", () => {
  const outcome = { ...exampleRun().outcome, state: "reached" as const, stopped: 2, notReported: 0 };
  const well = endOf(exampleRun({ state: "SUCCEEDED", outcome }));
  expect(well).toMatchObject({ event: "finished", detail: { counts: { done: 2, failed: 0, unreported: 0 } } });
  expect(well.outcome).toEqual({ runId: "77" });
  const missed = { ...outcome, state: "missed" as const, stopped: 1, failed: 1 };
  expect(endOf(exampleRun({ state: "SUCCEEDED", outcome: missed })).outcome).toEqual({ runId: "77", kind: "missed" });
  expect(endOf(exampleRun({ state: "FAILED", outcome })).outcome).toEqual({ runId: "77", kind: "failed" });
});
