import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { attemptOfRun, attempts } from "../audit/journal";
import type { Dag } from "../obshell/schema";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { startSimulator, type SimulatorOptions } from "../simulator/cluster";
import { readRun } from "../tasks/read-run";
import { readSend } from "./execute";
import { makePlan, readPlan } from "./plans";
import type { Method, OperationRequest, Plan, Send } from "./schema";
import { readStanding } from "./standing";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

/** What is done with a run, the whole way: plan, intent, the decrypted requests at the agents, the locks afterwards. */
let stage: Stage;
const begin = async (options: Partial<SimulatorOptions> = {}, environment = "TEST") => {
  stage = await startStage("sqlite", { timeScale: 30, ...options }, { environment });
  watchIntents();
};
afterEach(() => stage.end());

type Asked = OperationRequest extends infer One
  ? One extends OperationRequest
    ? Omit<One, "clusterId">
    : never
  : never;
const plan = (asked: Asked) => makePlan({ ...asked, clusterId: "c1" } as OperationRequest, stage.person); // safe: an Omit of one of its members
const at = (index: number) => stage.simulator.agents[index]?.address ?? "";
const posts = () =>
  stage.simulator.requests
    .filter(({ method, path, outcome }) => method === "POST" && path.includes("/task/") && outcome === 200)
    .map(({ agent, path, body }) => ({ agent, path, operator: (body as { operator?: string }).operator }));

async function stopGoing(servers: string[], method: Method): Promise<string> {
  const sent = await stage.confirm(await stage.plan(servers, method));
  if (sent.state !== "accepted") throw new Error(`not accepted: ${JSON.stringify(sent)}`);
  return sent.runId;
}

const owner = (runId: string) => {
  const address = stage.simulator.agents.find(({ address }) => runId.includes(address.split(":")[1] ?? "-"))?.address;
  return agentOf("c1", address ?? "");
};
async function until(runId: string, reached: (dag: Dag) => boolean): Promise<Dag> {
  for (;;) {
    const dag = await owner(runId).dag(runId);
    if (reached(dag)) return dag;
    await sleep(30);
  }
}

type Operating = Extract<Send, { state: "operating" }>;
async function finished(made: Plan): Promise<Operating> {
  const first = await stage.confirm(made);
  expect(first.state).toBe("operating");
  for (;;) {
    const send = await readSend("c1", made.id);
    if (send.state === "operating" && send.isOver) return send;
    await sleep(50);
  }
}
const results = ({ parts }: Operating) => [...new Set(parts.map((part) => `${part.does} ${part.result}`))].toSorted();

test("a cancelled stop ends, every agent is released, and the cluster takes the next plan", async () => {
  await begin();
  stage.simulator.setFault(at(4), { kind: "kill-slow" });
  const runId = await stopGoing([at(4)], "force");
  await until(runId, (dag) => dag.stage === 4);
  const made = await plan({ action: "cancel", runId });
  expect(made).toMatchObject({ action: "cancel", tier: 2, run: { id: runId, state: "RUNNING", by: "li.wei" } });
  expect(made.parts).toHaveLength(10);
  const send = await finished(made);
  expect(results(send)).toEqual(["cancel done", "release done"]);
  expect(stage.simulator.locks()).toEqual([]);
  expect(posts().filter(({ path }) => path.endsWith(runId))).toMatchObject([{ operator: "CANCEL" }]);
  await vi.waitFor(async () => expect((await readStanding("c1")).stops).toEqual([]), { timeout: 10_000 });
  const { run } = await readRun("c1", runId);
  expect(run).toMatchObject({ state: "CANCELLED", by: "li.wei" });
  // Asked again, nothing is left to do.
  const again = await plan({ action: "cancel", runId });
  expect(again.checks.find((check) => check.id === "run")).toMatchObject({ level: "block", message: "over" });
  await expect(stage.confirm(again)).rejects.toMatchObject({ kind: "plan-blocked" });
  const lines = await attempts("c1");
  expect(lines.findLast((attempt) => attempt.opened.action === "run.cancel")).toMatchObject({
    event: "finished",
    opened: { by: "li.wei", detail: { continues: runId, reason: "INC-4471 disk" } },
    outcome: { runId },
  });
});

test("a cancel whose plan is confirmed ten times goes out once", async () => {
  await begin();
  stage.simulator.setFault(at(4), { kind: "kill-slow" });
  const runId = await stopGoing([at(4)], "force");
  await until(runId, (dag) => dag.stage === 4);
  const made = await plan({ action: "cancel", runId });
  const all = await Promise.allSettled(Array.from({ length: 10 }, () => stage.confirm(made)));
  expect(all.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  await vi.waitFor(async () => expect(await readSend("c1", made.id)).toMatchObject({ isOver: true }), {
    timeout: 20_000,
  });
  const counts = new Map<string, number>();
  for (const { path, operator } of posts())
    counts.set(`${operator} ${path}`, (counts.get(`${operator} ${path}`) ?? 0) + 1);
  expect([...counts.values()].every((count) => count === 1)).toBe(true);
});

test("after a failed flush the flush is retried, and the run goes on to its end under the same id", async () => {
  await begin({ timeScale: 400 });
  stage.simulator.setFault(at(4), { kind: "freeze-error" });
  const runId = await stopGoing([at(4)], "terminate");
  await until(runId, (dag) => dag.state === "FAILED");
  await vi.waitFor(async () => expect((await readStanding("c1")).stops).toEqual([]), { timeout: 20_000 });
  const early = await plan({ action: "cancel", runId });
  expect(early.checks.find((check) => check.id === "run")).toMatchObject({ level: "block" });
  stage.simulator.setFault(at(4), { kind: "freeze-error" }, false);
  await readTopology("c1", { maxAgeMs: 0 });
  const sent = await stage.confirm(await plan({ action: "retry", runId }));
  expect(sent).toMatchObject({ state: "accepted", runId });
  await until(runId, (dag) => dag.state === "SUCCEED");
  await vi.waitFor(async () => expect((await readStanding("c1")).stops).toEqual([]), { timeout: 20_000 });
  expect(stage.simulator.locks()).toEqual([]);
  const tried = async () => (await attempts("c1")).find((attempt) => attempt.opened.action === "run.retry");
  await vi.waitFor(async () => expect(await tried()).toMatchObject({ event: "finished", outcome: { runId } }), {
    timeout: 20_000,
  });
});

test("a flush that does not come to its end is passed, and the servers are stopped without it", async () => {
  await begin({ timeScale: 400 });
  stage.simulator.setFault(at(4), { kind: "freeze-error" });
  const runId = await stopGoing([at(4)], "terminate");
  await until(runId, (dag) => dag.state === "FAILED");
  await vi.waitFor(async () => expect((await readStanding("c1")).stops).toEqual([]), { timeout: 20_000 });
  await readTopology("c1", { maxAgeMs: 0 });
  const made = await plan({ action: "skip", runId });
  expect(made.requests[0]?.path).toMatch(/^\/api\/v1\/task\/node\/\d+$/);
  expect(await stage.confirm(made)).toMatchObject({ state: "accepted", runId });
  const dag = await until(runId, (seen) => seen.state === "SUCCEED");
  expect(dag.nodes.find((node) => node.name.startsWith("Minor freeze"))).toMatchObject({ operator: "PASS" });
  expect(stage.simulator.observers().find(({ address }) => address === at(4))).toMatchObject({ isRunning: false });
});

test("an escalation cancels the stuck run first, then stops the stuck servers by force", async () => {
  await begin();
  stage.simulator.setFault(at(4), { kind: "kill-slow" });
  const runId = await stopGoing([at(4), at(5)], "terminate");
  await until(runId, (dag) => dag.stage === 5 && dag.state === "RUNNING");
  const isDown = (address: string) =>
    stage.simulator.observers().some((observer) => observer.address === address && !observer.isRunning);
  await vi.waitFor(() => expect(isDown(at(5))).toBe(true), { timeout: 20_000 });
  await readTopology("c1", { maxAgeMs: 0 });
  const made = await stage.plan([at(4)], "force", { continues: runId, cancels: runId });
  // The CLI has no command that cancels a run first.
  expect(made).toMatchObject({ cancels: runId, run: { id: runId }, commandLine: "" });
  const sent = await stage.confirm(made).catch((error: unknown) => error);
  expect(sent).toMatchObject({ state: "accepted" });
  stage.simulator.setFault(at(4), { kind: "kill-slow" }, false);
  const force = stage.writes().at(-1);
  expect(force?.body).toMatchObject({ force: true, forcePassDag: { id: [runId] } });
  const next = sent as Extract<Send, { state: "accepted" }>;
  await until(next.runId, (dag) => dag.state === "SUCCEED");
  expect((await owner(runId).dag(runId)).state).toBe("FAILED");
  const told = (await attempts("c1")).map(({ opened, outcome }) => [opened.action, outcome?.runId]);
  expect(told).toContainEqual(["cluster.stop", next.runId]);
  expect(told).toContainEqual(["run.cancel", runId]);
  expect((await attemptOfRun("c1", runId))?.opened.detail.method).toBe("terminate");
  await vi.waitFor(async () => expect((await readStanding("c1")).stops).toEqual([]), { timeout: 20_000 });
});

/** A stop that hangs at the fifth server, ready to be escalated. */
async function stuckRun(): Promise<string> {
  stage.simulator.setFault(at(4), { kind: "kill-slow" });
  const runId = await stopGoing([at(4)], "terminate");
  await until(runId, (dag) => dag.stage === 5 && dag.state === "RUNNING");
  await readTopology("c1", { maxAgeMs: 0 });
  return runId;
}

test("an escalation is told as being sent while its cancel goes on, and is not sent into a majority that was lost meanwhile", async () => {
  await begin();
  const runId = await stuckRun();
  const made = await stage.plan([at(4)], "force", { continues: runId, cancels: runId });
  expect(made.impact.majority.verdict).toBe("no-spare");
  stage.simulator.setFault(at(0), { kind: "cancel-slow" });
  stage.simulator.setFault(at(1), { kind: "cancel-slow" });
  const sending = stage.confirm(made).catch((error: unknown) => error);
  await until(runId, (dag) => dag.operator === "CANCEL");
  expect(await readSend("c1", made.id)).toEqual({ state: "sending" });
  for (const address of stage.inZone("zone3")) stage.simulator.setObserver(address, "process-stopped");
  for (const index of [0, 1]) stage.simulator.setFault(at(index), { kind: "cancel-slow" }, false);
  expect(await sending).toMatchObject({ kind: "cancelled-only" });
  expect(stage.writes().filter(({ body }) => (body as { force?: boolean }).force)).toEqual([]);
});

test("a run of somewhere else is neither cancelled first nor released, and its agent is asked nothing", async () => {
  await begin();
  const other = await startSimulator({
    scenario: "small",
    basePort: 0,
    timeScale: 30,
    password: stage.simulator.password,
  });
  try {
    const target = other.agents[0]?.address ?? "";
    const [ip = "", port = ""] = target.split(":");
    const decimal = ip.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
    const foreign = `2${String(decimal).padStart(10, "0")}${port.padStart(5, "0")}1`;
    const asked = stage.plan([at(4)], "force", { cancels: foreign });
    await expect(asked).rejects.toMatchObject({ kind: "run-unknown" });
    const released = await stage.plan([at(4)], "force", { releases: [foreign] });
    expect(released.requests[0]?.body).not.toContain(foreign);
    expect(other.requests).toEqual([]);
  } finally {
    await other.close();
  }
});

test.each([
  ["still does", false],
  ["does not know its part any more", true],
])("what a killed process had begun is told as far as it came, where the agent %s", async (_what, isLost) => {
  await begin();
  stage.simulator.setFault(at(4), { kind: "kill-slow" });
  const runId = await stopGoing([at(4)], "force");
  await until(runId, (dag) => dag.stage === 4);
  stage.simulator.setFault(at(4), { kind: "cancel-slow" }); // the cancel of its part hangs
  const made = await plan({ action: "cancel", runId });
  await stage.confirm(made);
  await vi.waitFor(
    async () => {
      const send = await readSend("c1", made.id);
      expect(send.state === "operating" && send.parts.filter(({ result }) => result === "done").length).toBe(9);
    },
    { timeout: 20_000, interval: 50 },
  );
  const before = posts().length;
  const { openStore } = await import("../db/store");
  const { goneHolder } = await import("./testing/leave-open");
  await (
    await openStore()
  ).db
    .updateTable("intent")
    .set({ holder: goneHolder() })
    .where("plan_id", "=", made.id)
    .execute();
  await stage.restart();
  if (isLost) stage.simulator.setFault(at(4), { kind: "store-lost" });
  watchIntents();
  await vi.waitFor(async () => expect(await readSend("c1", made.id)).toMatchObject({ isOver: true }), {
    timeout: 20_000,
    interval: 100,
  });
  // It answers in either case, so that it is not called silent.
  const send = await readSend("c1", made.id);
  expect(send.state === "operating" && results(send)).toEqual(["cancel done", "release done", "release not-seen"]);
  expect(posts()).toHaveLength(before);
  expect((await readPlan("c1", made.id)).state).toBe("sent");
});
