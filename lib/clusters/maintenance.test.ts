import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startSimulator, VERSIONS, type Simulator, type SimulatorOptions } from "../simulator/cluster";
import { agentOf } from "./registry";
import type { Topology } from "./schema";
import { readTopology } from "./topology";

vi.setConfig({ testTimeout: 60_000 });
let simulator: Simulator;

async function start(options: Partial<SimulatorOptions> = {}) {
  simulator = await startSimulator({ scenario: "medium", basePort: 0, timeScale: 20, password: "secret", ...options });
  const folder = mkdtempSync(join(tmpdir(), "standdown-maintenance-"));
  writeFileSync(join(folder, "password"), simulator.password);
  const agents = [at(0), at(1)];
  const clusters = [{ id: "c1", environment: "TEST", agents, passwordFile: "password" }];
  writeFileSync(join(folder, "config.json"), JSON.stringify({ clusters }));
  vi.stubEnv("STANDDOWN_CONFIG", join(folder, "config.json"));
}
const at = (index: number): string => simulator.agents[index]?.address ?? "";
const sorted = (agents: string[]) => agents.sort((left, right) => left.localeCompare(right, "en", { numeric: true }));
const inZone = (zone: string): string[] =>
  sorted(simulator.agents.flatMap((agent) => (agent.zone === zone ? [agent.address] : [])));
const look = (): Promise<Topology> => readTopology("c1", { maxAgeMs: 0 });
const stop = (target: string[], coordinator = at(0)) =>
  agentOf("c1", coordinator).stop({ scope: { type: "SERVER", target }, mode: "force", forcePassDag: [] });
const asked = (path: string) => simulator.requests.filter((request) => request.path.startsWith(path)).length;
const seen = (what: () => Promise<void>) => vi.waitFor(what, { timeout: 20_000, interval: 200 });
const LOCK = "/api/v1/task/dag/maintain/agent";

beforeEach(() => void Reflect.deleteProperty(globalThis, "__standdown")); // a fresh process, as far as singletons go
afterEach(async () => {
  vi.unstubAllEnvs();
  await simulator.close();
});

test.each(VERSIONS)("on %s a leftover is told with its agents, each as the agent itself says", async (version) => {
  await start({ scenario: "maintenance-held", version });
  const { activeRuns, notAsked } = await look();
  expect(activeRuns).toMatchObject([
    {
      name: "Stop OB",
      state: "FAILED",
      operator: "CANCEL",
      holdsMaintenance: true,
      coordinator: at(1),
      releasable: true,
    },
  ]);
  const [run] = activeRuns ?? [];
  expect(run?.holds.map(({ agent, state, stage }) => [agent, state, stage])).toEqual(
    inZone("zone2").map((agent) => [agent, "FAILED", 2]),
  );
  const dagIds = new Map(simulator.locks().map(({ address, dagId }) => [address, dagId]));
  expect(run?.holds.map(({ agent, taskId }) => [agent, taskId])).toEqual(
    inZone("zone2").map((agent) => [agent, dagIds.get(agent)]),
  );
  expect(Date.parse(run?.holds[0]?.since ?? "")).toBeLessThan(Date.now() - 3_600_000);
  expect(notAsked).toEqual([]);
  expect(simulator.requests.filter(({ path }) => /main_dags|dag\/unfinish|maintain\/agents/.test(path))).toEqual([]);
});

test("nobody is asked for a task where no agent is under maintenance", async () => {
  await start();
  expect(await look()).toMatchObject({ activeRuns: [], notAsked: [], clusterTasks: [] });
  expect(asked(LOCK)).toBe(0);
});

test("a lock that is no start or stop is an entry of its own, and nothing releases it from here", async () => {
  await start({ scenario: "maintenance-held" });
  simulator.setFault(at(8), { kind: "foreign-lock", name: "Upgrade agent" });
  const { activeRuns } = await look();
  expect(activeRuns).toHaveLength(2);
  expect(activeRuns?.find(({ name }) => name !== "Stop OB")).toMatchObject({
    name: "Upgrade agent",
    state: "RUNNING",
    coordinator: null,
    releasable: false,
    holdsMaintenance: true,
    holds: [{ agent: at(8), state: "RUNNING" }],
  });
});

test("'none' is not 'could not ask': silent agents and held ones that do not tell are named", async () => {
  await start({ scenario: "maintenance-held" });
  const [first, second, third] = inZone("zone2");
  simulator.setFault(first ?? "", { kind: "agent-down" });
  expect(await look()).toMatchObject({
    activeRuns: [{ holds: [{ agent: second }, { agent: third }] }],
    notAsked: [first],
  });
  simulator.setFault(second ?? "", { kind: "wrong-password" });
  simulator.setFault(third ?? "", { kind: "wrong-password" });
  Reflect.deleteProperty(globalThis, "__standdown"); // what was known of them is gone
  expect(await look()).toMatchObject({ activeRuns: null, notAsked: [first, second, third] });
});

test("a run whose coordinator is silent is unknown, not over: it holds, and may still be going", async () => {
  await start({ scenario: "maintenance-held" });
  simulator.setFault(at(1), { kind: "agent-down" });
  const { activeRuns, notAsked } = await look();
  expect(activeRuns).toMatchObject([
    { name: "Stop OB", state: "UNKNOWN", holdsMaintenance: true, coordinator: at(1), releasable: true },
  ]);
  expect(activeRuns?.[0]?.holds).toHaveLength(3);
  expect(notAsked).toEqual([at(1)]);
  simulator.setFault(at(1), { kind: "agent-down" }, false);
  expect((await look()).activeRuns).toMatchObject([{ state: "FAILED" }]);
});

test("a run that its own agent has forgotten is unknown, and its locks are still there to be released", async () => {
  await start({ scenario: "maintenance-held" });
  simulator.setFault(at(1), { kind: "store-lost" });
  expect((await look()).activeRuns).toMatchObject([{ state: "UNKNOWN", releasable: true, holdsMaintenance: true }]);
});

test("a stop that goes is going, and when it ends well it holds nobody", async () => {
  await start({ timeScale: 2 });
  const { id } = await stop([at(4)]);
  await seen(async () =>
    expect((await look()).activeRuns).toMatchObject([
      { id, state: "RUNNING", holdsMaintenance: false, coordinator: at(0) },
    ]),
  );
  await seen(async () => expect((await look()).activeRuns).toEqual([]));
});

test("a stop that fails at the flush leaves all agents held, and the next run is seen although all were known", async () => {
  await start({ timeScale: 200 });
  simulator.setFault(at(4), { kind: "freeze-error" });
  const held = await agentOf("c1", at(0)).stop({
    scope: { type: "SERVER", target: [at(4)] },
    mode: "terminate",
    forcePassDag: [],
  });
  await seen(async () => expect((await look()).activeRuns).toMatchObject([{ id: held.id, state: "FAILED" }]));
  expect((await look()).activeRuns?.[0]?.holds).toHaveLength(9);
  const scope = { type: "SERVER" as const, target: [at(4)] };
  const next = await agentOf("c1", at(3)).stop({ scope, mode: "terminate", forcePassDag: [held.id] });
  await seen(async () => expect((await look()).activeRuns).toMatchObject([{ id: next.id, state: "FAILED" }]));
  expect((await look()).activeRuns?.[0]?.holds).toHaveLength(9);
});

test("a task of the cluster is told, by the database only, and its end as well", async () => {
  await start();
  simulator.setFault("*", { kind: "cluster-task", name: "Scale out" });
  expect((await look()).clusterTasks).toMatchObject([{ id: "11", name: "Scale out", state: "RUNNING" }]);
  simulator.setFault("*", { kind: "cluster-task" }, false);
  await seen(async () => expect((await look()).clusterTasks).toEqual([]));
});

test("without a database nobody can tell about tasks of the cluster", async () => {
  await start({ scenario: "db-down" });
  expect(await look()).toMatchObject({ clusterTasks: null, activeRuns: [] });
});

test("a run of forty agents costs a few questions a look; when it is over, all are asked", async () => {
  await start({ zoneSizes: [14, 13, 13] });
  simulator.setFault(at(20), { kind: "freeze-timeout" });
  const scope = { type: "SERVER" as const, target: [at(20)] };
  const { id } = await agentOf("c1", at(0)).stop({ scope, mode: "terminate", forcePassDag: [] });
  await seen(async () => expect((await look()).activeRuns).toMatchObject([{ id, state: "RUNNING" }]));
  await sleep(1_000);
  await look();
  const before = { locks: asked(LOCK), mains: asked(`/api/v1/task/dag/${id}`) };
  expect(before.locks).toBeLessThan(35);
  for (let time = 0; time < 3; time += 1) await look();
  expect(asked(LOCK)).toBe(before.locks);
  expect(asked(`/api/v1/task/dag/${id}`)).toBe(before.mains + 3);
  await agentOf("c1", at(0)).operateDag(id, "CANCEL");
  await seen(async () => expect((await look()).activeRuns).toMatchObject([{ id, state: "FAILED" }]));
  expect((await look()).activeRuns?.[0]?.holds).toHaveLength(40);
});
