import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { appendLine } from "../audit/journal";
import { REQUEST_RULES } from "../clusters/request-rules";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { freshStore, type FreshStore } from "../db/testing/fresh-store";
import { encodeTaskId } from "../obshell/wire/task-id";
import { startSimulator, type Simulator, type SimulatorOptions } from "../simulator/cluster";
import { readRun } from "./read-run";
import { readSubRun } from "./read-sub-run";
import { readTaskLog } from "./read-log";

vi.setConfig({ testTimeout: 60_000 });
let simulator: Simulator;
let fresh: FreshStore;

async function start(options: Partial<SimulatorOptions> = {}) {
  simulator = await startSimulator({ scenario: "db-down", basePort: 0, timeScale: 20, password: "secret", ...options });
  vi.stubEnv("STORM_PASSWORD", simulator.password);
  const agents = simulator.agents.slice(0, 2).map(({ address }) => address);
  const cluster = { id: "c1", environment: "TEST", agents, passwordEnv: "STORM_PASSWORD" };
  fresh = await freshStore("sqlite", { clusters: [cluster] });
}
afterEach(async () => {
  await fresh.dispose();
  await simulator.close();
  vi.unstubAllEnvs();
});

const at = (index: number): string => simulator.agents[index]?.address ?? "";
const ownId = (index: number, localId: number): string => encodeTaskId(at(index), localId) ?? expect.unreachable();
const asked = (path: string) => simulator.requests.filter((request) => request.path.startsWith(`/api/v1/task/${path}`));
/** As many people open the same page, and stay on it. */
const view = (runId: string) =>
  Promise.all(Array.from({ length: VIEWERS }, () => readRun("c1", runId).catch((error: unknown) => error)));
const VIEWERS = 20;

test("with no database nobody is asked for a run of the cluster, however many look for it", async () => {
  await start();
  await readTopology("c1");
  for (const runId of ["17", "1", "11234567890", "199999999999999999999"]) {
    await view(runId);
    await sleep(300);
    await view(runId);
  }
  expect(asked("dag/1")).toEqual([]);
  expect(simulator.peerRequests.filter(({ path }) => path.includes("/task/"))).toEqual([]);
  expect(await view("11234567890")).toMatchObject(
    Array.from({ length: VIEWERS }, () => ({ kind: "database-unavailable" })),
  );
});

test("with no database a run that its agent does not list is not asked for, and its list is read once in 5 s", async () => {
  await start();
  await readTopology("c1");
  const missing = [ownId(3, 41), ownId(3, 42), ownId(3, 43)];
  for (const runId of missing) expect(await view(runId)).toEqual(expect.arrayContaining([expect.any(Error)]));
  for (const runId of missing) expect(asked(`dag/${runId}`)).toEqual([]);
  expect(asked("dags/agent").filter(({ agent }) => agent === at(3)).length).toBeLessThanOrEqual(1);
  expect(simulator.peerRequests.filter(({ path }) => path.includes("/task/"))).toEqual([]);
});

test("with no database neither a log nor a server's own steps of a missing run lead to a question among agents", async () => {
  await start();
  await readTopology("c1");
  const runId = ownId(3, 41);
  await readSubRun("c1", runId, at(4)).catch(() => undefined);
  await readTaskLog("c1", "17", "18").catch(() => undefined);
  await readTaskLog("c1", runId, ownId(3, 99)).catch(() => undefined);
  expect(asked("dag/")).toEqual([]);
  expect(simulator.peerRequests.filter(({ path }) => path.includes("/task/"))).toEqual([]);
});

test.each([
  ["no agent has a database", "db-down"],
  ["its coordinator has no database", "medium"],
] as const)(
  "a run from here that its coordinator lost is asked for through nobody while %s",
  async (_when, scenario) => {
    await start({ scenario });
    const lost = ownId(3, 998);
    if (scenario === "medium") simulator.setObserver(at(3), "process-stopped");
    await readTopology("c1");
    const cluster = { id: "c1", name: "c1", environment: "TEST" as const };
    const line = { id: "p1", action: "cluster.stop" as const, by: "li.wei", cluster };
    await appendLine({ ...line, event: "opened", detail: { method: "force", targets: [at(3)], reason: "INC-1" } });
    await appendLine({ ...line, event: "accepted", detail: {}, outcome: { runId: lost } });
    for (let second = 0; second < 4; second += 1) {
      expect((await readRun("c1", lost)).run).toMatchObject({
        state: "UNKNOWN",
        problems: [{ cause: "run-forgotten" }],
      });
      await sleep(1_000);
    }
    expect(asked(`dag/${lost}`)).toEqual([]);
    expect(simulator.peerRequests.filter(({ path }) => path.includes("/task/"))).toEqual([]);
  },
);

test("with no database nobody is asked for a log or a stage of a task of the cluster", async () => {
  await start();
  await readTopology("c1");
  await expect(readTaskLog("c1", "17", "18")).rejects.toMatchObject({ kind: "database-unavailable" });
  await expect(agentOf("c1", at(0)).node("19")).rejects.toMatchObject({ kind: "database-unavailable" });
  expect([...asked("sub_task/1"), ...asked("node/1")]).toEqual([]);
});

test("with no database a run that its agent lists is read as ever", async () => {
  await start({ scenario: "medium" });
  const { id } = await agentOf("c1", at(0)).stop({
    scope: { type: "SERVER", target: [at(4)] },
    mode: "force",
    forcePassDag: [],
  });
  await vi.waitFor(async () => expect((await readRun("c1", id)).run?.endedAt).not.toBeNull(), { timeout: 30_000 });
  simulator.setFault("*", { kind: "database-down" });
  Reflect.deleteProperty(globalThis, "__standdown");
  expect((await readRun("c1", id)).run).toMatchObject({ id, state: "SUCCEEDED" });
});

test("when the database goes away under a view of a cluster's task, its agents are not asked for it again", async () => {
  await start({ scenario: "medium" });
  simulator.setFault("*", { kind: "cluster-task", name: "Scale out" });
  await readTopology("c1");
  const dags = await agentOf("c1", at(0)).unfinishedDags("ob");
  const id = dags[0]?.id ?? expect.unreachable();
  expect((await readRun("c1", id)).run).toMatchObject({ id });
  simulator.setFault("*", { kind: "database-down" });
  await sleep(1_500);
  const before = asked("dag/1").length;
  await view(id);
  await sleep(3_000);
  expect(asked("dag/1").length - before).toBe(0);
});

test("every read that this console sends has a rule", () => {
  const rules = Object.keys(REQUEST_RULES).join(" ");
  for (const path of ["/status", "/ob/info", "/obcluster/info", "/task/dags/agent", "/task/dag/{id}", "/stop/check"])
    expect(rules).toContain(path);
});
