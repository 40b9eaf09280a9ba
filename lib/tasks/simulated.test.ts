import { createServer } from "node:http";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { appendLine } from "../audit/journal";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import type { Method } from "../lifecycle/schema";
import { encodeTaskId } from "../obshell/wire/task-id";
import { startSimulator, type Simulator, type SimulatorOptions } from "../simulator/cluster";
import { findRun } from "./find-run";
import { listRuns } from "./list-runs";
import { readTaskLog } from "./read-log";
import { readRun } from "./read-run";
import { readSubRun } from "./read-sub-run";
import type { Run } from "./schema";

vi.setConfig({ testTimeout: 30_000 });

/** Real HTTP and cryptography to simulated agents, whose time runs faster. */
let simulator: Simulator;

async function start(options: SimulatorOptions) {
  simulator = await startSimulator({ timeScale: 10, ...options });
  const folder = mkdtempSync(join(tmpdir(), "standdown-tasks-"));
  writeFileSync(join(folder, "password"), simulator.password);
  const agents = simulator.agents.slice(0, 2).map((agent) => agent.address);
  const clusters = [{ id: "c1", name: "core", environment: "TEST", agents, passwordFile: "password" }];
  writeFileSync(join(folder, "config.json"), JSON.stringify({ dataDir: "data", clusters }));
  vi.stubEnv("STANDDOWN_CONFIG", join(folder, "config.json"));
  await readTopology("c1");
}

beforeEach(() => void Reflect.deleteProperty(globalThis, "__standdown")); // a new process, as far as singletons go
afterEach(async () => {
  vi.unstubAllEnvs();
  await simulator.close();
});

const at = (index: number): string => simulator.agents[index]?.address ?? "";
const inZone = (zone: string) => simulator.agents.filter((agent) => agent.zone === zone).map(({ address }) => address);

/** Sends a stop as the lifecycle room does: written down, sent, written down. */
async function stop(targets: string[], mode: Method, coordinator = at(0)): Promise<string> {
  const cluster = { id: "c1", name: "core", environment: "TEST" as const };
  const id = crypto.randomUUID();
  const line = { id, action: "cluster.stop" as const, cluster };
  await appendLine({ ...line, event: "opened", detail: { method: mode, targets, reason: "INC-4471" } });
  const scope = { type: "SERVER" as const, target: targets };
  const dag = await agentOf("c1", coordinator).stop({ scope, mode, forcePassDag: [] });
  await appendLine({ ...line, event: "accepted", detail: {}, outcome: { runId: dag.id } });
  return dag.id;
}

async function watch(runId: string, until: (run: Run) => boolean, timeoutMs = 25_000): Promise<Run> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const { run } = await readRun("c1", runId);
    if (run && until(run)) return run;
    if (Date.now() > endMs)
      throw new Error(`still ${run?.state} at stage ${run?.stage}: ${JSON.stringify(run?.outcome)}`);
    await sleep(100);
  }
}
const isSettled = (run: Run) => run.settled;
/** What the reader of a run asks; looks at the cluster go their own way. */
const readsOf = (runId: string) =>
  simulator.requests.filter(({ path }) => path.includes(`/task/dag/${runId}`) || path.includes("/task/node/"));

test("ten viewers follow a force stop to the servers' own word, at two reads a second (ux H-1, L-1, check 19)", async () => {
  await start({ scenario: "medium", timeScale: 4 });
  const target = at(4);
  const runId = await stop([target], "force");
  const sinceMs = Date.now();
  const viewers = Array.from({ length: 10 }, () => watch(runId, isSettled));
  const runs = await Promise.all(viewers);
  const seconds = (Date.now() - sinceMs) / 1_000;
  expect(runs[0]).toMatchObject({
    state: "SUCCEEDED",
    method: "force",
    reason: "INC-4471",
    counts: { total: 1, done: 1 },
    outcome: { state: "reached", stopped: 1, missed: [] },
    problems: [],
  });
  expect(runs[0]?.zoneOf[target]).toBe("zone2");
  // Both ends of the time are read: one pass more than there are seconds.
  expect(readsOf(runId).length).toBeLessThanOrEqual(2 * seconds + 3);
  expect(new Set(readsOf(runId).map((request) => request.agent))).toEqual(new Set([at(0)]));
});

test.each(["stop", "terminate"] as const)("a %s ends where it was wanted", async (method) => {
  await start({ scenario: "medium" });
  const run = await watch(await stop([at(3)], method), isSettled);
  const wanted = method === "stop" ? "SERVICE_STOPPED" : "PROCESS_STOPPED";
  expect(run).toMatchObject({ state: "SUCCEEDED", outcome: { state: "reached", wanted, stopped: 1 } });
});

test("a server that survives its kill is failed before the run is, and the end says so in numbers (check 14, H-3)", async () => {
  await start({ scenario: "one-fails", timeScale: 20 });
  const targets = inZone("zone2");
  const failing = targets[1] ?? "";
  const runId = await stop(targets, "force");
  const reason = { agents: [failing], agentCode: "OB.Cluster.AsyncOperationTimeout", stage: 4 };
  expect((await watch(runId, (run) => run.counts.failed > 0)).problems).toContainEqual(expect.objectContaining(reason));
  const run = await watch(runId, isSettled);
  expect(run).toMatchObject({
    state: "FAILED",
    counts: { total: 3, done: 2, failed: 1 },
    outcome: { state: "missed", stopped: 2, failed: 1, notReported: 0, missed: [failing] },
  });
  expect(run.problems.map(({ kind }) => kind)).toContain("agents-not-done");
  const { tasks } = await readRun("c1", runId);
  expect(tasks.filter((task) => task.state === "FAILED").map((task) => task.agent)).toEqual([failing, null]);
});

test("an agent that did not accept is named with its reason, and nothing was stopped (check 8)", async () => {
  await start({ scenario: "agent-dead", timeScale: 20 });
  const dead = simulator.agents.at(-1)?.address ?? "";
  const run = await watch(await stop([at(3)], "force"), isSettled);
  expect(run).toMatchObject({ state: "FAILED", stage: 2, outcome: { state: "missed", stopped: 0, failed: 1 } });
  expect(run.problems).toMatchObject([
    { kind: "agents-not-ready", agents: [dead], agentCode: "Task.SubDag.NotAllCreated" },
    { kind: "peer-failed", stage: 1, agents: [dead] },
  ]);
});

test("who holds the maintenance of an agent is read from the stage that succeeded (protocol §7.5)", async () => {
  await start({ scenario: "maintenance-held" });
  const holder = (await readTopology("c1", { maxAgeMs: 0 })).activeRuns?.[0]?.id ?? "";
  const run = await watch(await stop([at(3)], "force"), (one) => one.state === "FAILED");
  expect(run.problems[0]).toMatchObject({ kind: "agents-not-ready", heldBy: [holder] });
  expect(run.problems[1]).toMatchObject({ kind: "under-maintenance", agents: inZone("zone2"), heldBy: [holder] });
  const held = (await listRuns("c1")).find((line) => line.id === holder);
  expect(held).toMatchObject({ state: "CANCELLED", holdsMaintenance: true, by: null });
});

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
  const line = { id: "p1", action: "cluster.stop" as const, cluster };
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
  await expect(readRun("c1", foreign)).rejects.toMatchObject({ kind: "run-unknown" });
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
  const rest = await readTaskLog("c1", runId, task?.id ?? "", 3);
  expect(rest).toMatchObject({ from: 3, total: whole.total, lines: whole.lines.slice(3) });
  expect((await readTaskLog("c1", runId, task?.id ?? "", 9_999)).lines).toEqual([]);
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

test.each(["4.2.3.0", "4.5.0.0"] as const)(
  "the run of a lost answer is found on %s, also after it has ended (ux C-11)",
  async (version) => {
    await start({ scenario: "lost-answer", version });
    const coordinator = at(1);
    const sentAtMs = Date.now();
    const scope = { type: "SERVER" as const, target: [at(4)] };
    await expect(agentOf("c1", coordinator).stop({ scope, mode: "force", forcePassDag: [] })).rejects.toMatchObject({
      sent: "maybe",
    });
    const lost = { name: "Stop OB" as const, coordinator, sentAtMs };
    const { found } = await findRun("c1", lost);
    expect(found).not.toBeNull();
    await watch(found ?? "", (run) => run.state === "SUCCEEDED");
    expect(await findRun("c1", lost)).toEqual({ found, silent: [] });
    // With the coordinator gone, the others still carry its trace.
    simulator.setFault(coordinator, { kind: "agent-down" });
    expect(await findRun("c1", lost)).toEqual({ found, silent: [coordinator] });
  },
);

test.each(["4.2.3.0", "4.5.0.0"] as const)(
  "none is claimed only when every agent has said so, on %s (ux C-11)",
  async (version) => {
    await start({ scenario: "medium", version });
    await watch(await stop([at(4)], "force"), (run) => run.state === "SUCCEEDED");
    await sleep(2_000);
    // The stop before is no answer to this sending, nor is one through another agent.
    const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs: Date.now() };
    expect(await findRun("c1", lost)).toEqual({ found: null, silent: [] });
    simulator.setFault(at(8), { kind: "agent-down" });
    expect(await findRun("c1", lost)).toEqual({ found: null, silent: [at(8)] });
    simulator.setFault(at(0), { kind: "agent-down" });
    expect(await findRun("c1", lost)).toEqual({ found: null, silent: [at(0), at(8)] });
  },
);

test("a coordinator whose clock is off is searched in its own time", async () => {
  await start({ scenario: "medium" });
  simulator.setFault(at(0), { kind: "clock-skew", seconds: -300 });
  const sentAtMs = Date.now();
  const runId = await stop([at(4)], "force");
  const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs };
  expect((await findRun("c1", lost)).found).toBe(runId);
  expect(
    (await findRun("c1", { ...lost, sentAtMs: sentAtMs - 300_000, untilMs: sentAtMs - 290_000 })).found,
  ).toBeNull();
  const { run } = await readRun("c1", runId);
  expect(Math.round((run?.skewMs ?? 0) / 1_000)).toBe(-300);
});

test("the list has what goes on first, whoever sent it, also on agents that cannot list their runs", async () => {
  await start({ scenario: "medium", version: "4.2.3.0" });
  const first = await stop([at(4)], "force");
  await watch(first, (run) => run.state === "SUCCEEDED");
  simulator.setFault(at(5), { kind: "kill-slow" });
  const scope = { type: "SERVER" as const, target: [at(5)] };
  const foreign = await agentOf("c1", at(1)).stop({ scope, mode: "force", forcePassDag: [] });
  const lines = await vi.waitFor(
    async () => {
      const listed = await listRuns("c1");
      expect(listed).toHaveLength(2);
      return listed;
    },
    { timeout: 12_000, interval: 500 },
  );
  expect(lines).toMatchObject([
    { id: foreign.id, kind: "stop", state: "RUNNING", by: null, targets: null },
    { id: first, state: "SUCCEEDED", method: "force", targets: 1, holdsMaintenance: false },
  ]);
});
