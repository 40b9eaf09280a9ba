import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { appendLine } from "../audit/journal";
import { encodeTaskId } from "../obshell/wire/task-id";
import { readTaskLog, readWholeLog } from "./read-log";
import { readRun } from "./read-run";
import { readSubRun } from "./read-sub-run";
import { at, inZone, isSettled, simulator, start, stop, withSimulator, watch } from "./testing/simulated";

withSimulator();

test("a coordinator that is gone makes the run unknown, never failed, and its return is noticed (ux E11, check 17)", async () => {
  await start({ scenario: "medium" });
  simulator.setFault(at(4), { kind: "kill-slow" });
  const runId = await stop([at(4)], "force");
  await watch(runId, (run) => run.stage === 4);
  simulator.setFault(at(0), { kind: "agent-down" });
  const states = new Set<string>();
  const run = await watch(runId, (one) => states.add(one.state) && one.state === "UNKNOWN");
  expect(states).toEqual(new Set(["RUNNING", "UNKNOWN"]));
  expect(run).toMatchObject({ coordinator: at(0), settled: false, outcome: { state: "waiting" } });
  simulator.clearFaults();
  expect(await watch(runId, isSettled)).toMatchObject({ state: "SUCCEEDED", outcome: { state: "reached" } });
});

test("an agent that forgot the run leaves the audit's facts, and a run of nobody is run-unknown (ux §19)", async () => {
  await start({ scenario: "small" });
  const gone = encodeTaskId(at(0), 999) ?? "";
  await expect(readRun("c1", gone)).rejects.toMatchObject({ kind: "run-unknown" });
  await expect(readRun("c2", gone)).rejects.toMatchObject({ kind: "cluster-unknown" });
  await expect(readRun("c1", "99")).rejects.toMatchObject({ kind: "task-id-invalid" });
  const cluster = { id: "c1", name: "core", environment: "TEST" as const };
  const line = { id: "p1", action: "cluster.stop" as const, by: "li.wei", cluster };
  const forgotten = encodeTaskId(at(0), 998) ?? "";
  await appendLine({ ...line, event: "opened", detail: { method: "force", targets: [at(1)], reason: "INC-1" } });
  await appendLine({ ...line, event: "accepted", detail: {}, outcome: { runId: forgotten } });
  expect((await readRun("c1", forgotten)).run).toMatchObject({ state: "UNKNOWN", reason: "INC-1", planId: "p1" });
});

test("an id that names a host outside the cluster is refused before anything is sent there", async () => {
  await start({ scenario: "small" });
  let connections = 0;
  const stranger = createServer().on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  const address = stranger.address();
  const foreign = encodeTaskId(`127.0.0.1:${typeof address === "object" ? address?.port : 0}`, 7) ?? "";
  await expect(readRun("c1", foreign)).rejects.toMatchObject({
    kind: "run-unknown",
    facts: { params: { why: "stranger" } },
  });
  await expect(readTaskLog("c1", foreign, foreign)).rejects.toMatchObject({ kind: "run-unknown" });
  await expect(readSubRun("c1", foreign, at(0))).rejects.toMatchObject({ kind: "run-unknown" });
  await expect(readTaskLog("c1", encodeTaskId(at(0), 1) ?? "", foreign)).rejects.toMatchObject({
    kind: "task-not-found",
  });
  expect(connections).toBe(0);
  stranger.close();
});

test("a log is handed out from where the viewer left off, and stays readable when its agent falls silent (ux D-19)", async () => {
  await start({ scenario: "medium" });
  const runId = await stop([at(4)], "force");
  await watch(runId, isSettled);
  const task = (await readRun("c1", runId)).tasks.find(({ agent, stage }) => agent === at(4) && stage === 4);
  const whole = await readTaskLog("c1", runId, task?.id ?? "");
  expect(whole).toMatchObject({ from: 0, state: "SUCCEED" });
  expect(whole.total).toBeGreaterThan(4);
  const rest = await readTaskLog("c1", runId, task?.id ?? "", { from: 3 });
  expect(rest).toMatchObject({ from: 3, total: whole.total, lines: whole.lines.slice(3) });
  expect((await readTaskLog("c1", runId, task?.id ?? "", { from: 9_999 })).lines).toEqual([]);
  expect((await readTaskLog("c1", runId, task?.id ?? "", { from: 1, to: 3 })).lines).toEqual(whole.lines.slice(1, 3));
  expect(await readWholeLog("c1", runId, task?.id ?? "")).toBe(`${whole.lines.join("\n")}\n`);
  simulator.setFault(at(0), { kind: "agent-down" });
  await sleep(1_100);
  expect((await readTaskLog("c1", runId, task?.id ?? "")).lines).toEqual(whole.lines);
});

test("a server's own run that waits is told as waiting while the main run goes on (ux E10, check 15)", async () => {
  await start({ scenario: "stuck", timeScale: 5 });
  const targets = inZone("zone2");
  const runId = await stop(targets, "force");
  await watch(runId, (run) => run.stage === 4 && (run.stages[3]?.done ?? 0) >= 5);
  const waiting = await readSubRun("c1", runId, at(8));
  expect(waiting).toMatchObject({ agent: at(8), state: "FAILED", waitsForCoordinator: true });
  expect(waiting.steps.map((step) => step.name)).toEqual(["Start preparations", "Wait for task to end"]);
  const killing = await readSubRun("c1", runId, targets[1] ?? "");
  expect(killing).toMatchObject({ state: "RUNNING", waitsForCoordinator: false, stage: 2 });
  await expect(readSubRun("c1", runId, "10.9.9.9:2886")).rejects.toMatchObject({ kind: "task-not-found" });
  expect((await readRun("c1", runId)).run?.problems).toEqual([]);
});

test("a server that hangs is stuck after a minute, not failed (ux D-9, check 16)", async () => {
  await start({ scenario: "stuck", timeScale: 20 });
  const runId = await stop(inZone("zone2"), "force");
  await watch(runId, (run) => run.stage === 4 && run.counts.done === 1);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 70_000 });
  const stuck = await vi.waitFor(
    async () => {
      const { tasks } = await readRun("c1", runId);
      const found = tasks.filter((task) => task.stuck);
      expect(found).toHaveLength(2);
      return found;
    },
    { timeout: 8_000, interval: 200 },
  );
  vi.useRealTimers();
  expect(stuck.map((task) => task.agent).sort()).toEqual(inZone("zone2").slice(1).sort());
  expect((await readRun("c1", runId)).run).toMatchObject({ state: "RUNNING", counts: { failed: 0 } });
});
