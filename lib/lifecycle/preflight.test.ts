import { afterEach, expect, test, vi } from "vitest";
import type { SimulatorOptions } from "../simulator/cluster";
import { makePlan } from "./plans";
import type { Check, Plan } from "./schema";
import { startStage, type Stage } from "./testing/stage";

vi.setConfig({ testTimeout: 60_000 });

/** What a plan knows before anything is sent, as real agents tell it. */
let stage: Stage;
const begin = async (options: Partial<SimulatorOptions> = {}) =>
  void (stage = await startStage("sqlite", { zoneSizes: [2, 2, 2], timeScale: 60, ...options }));
afterEach(() => stage.end());

const at = (index: number): string => stage.simulator.agents[index]?.address ?? "";
const zone2 = () => stage.inZone("zone2");
const checkOf = (plan: Plan, id: Check["id"]) => plan.checks.find((check) => check.id === id);
const EVERYWHERE = "FULL{1}@zone1, FULL{1}@zone2, FULL{1}@zone3";

test("the cluster's yes to a zone does not cover sys, so sys is still lost", async () => {
  await begin({
    tenants: [
      { name: "sys", locality: "FULL{1}@zone2" },
      { name: "pay", locality: EVERYWHERE },
    ],
  });
  const plan = await stage.plan(zone2(), "terminate");
  expect(stage.simulator.requests.some(({ path }) => path.endsWith("/stop/check"))).toBe(true);
  expect(plan.impact.majority).toMatchObject({
    verdict: "lost",
    tenants: ["sys"],
    source: "estimate",
    guard: "cluster",
  });
  expect(checkOf(plan, "majority")).toMatchObject({ level: "warn", message: "lost", items: ["sys"] });
  expect(checkOf(plan, "root-service")).toMatchObject({ message: "sys-lost" });
  expect(plan.tier).toBe(3);
});

test("the cluster's no names no tenants; our estimate does, and nothing is sent", async () => {
  await begin({
    tenants: [
      { name: "pay", locality: "FULL{1}@zone2" },
      { name: "log", locality: EVERYWHERE },
    ],
  });
  const plan = await stage.plan(zone2(), "stop");
  expect(plan.impact.majority).toMatchObject({ verdict: "lost", tenants: ["pay"], source: "cluster" });
  expect(checkOf(plan, "majority")).toMatchObject({ level: "block", message: "refused", items: ["pay"] });
  await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "plan-blocked" });
  expect(stage.writes()).toEqual([]);
});

test("the cluster's own look lifts an estimate that is too careful, once the database has noticed what is down", async () => {
  await begin({
    tenants: [
      { name: "sys", locality: "FULL{1}@zone1" },
      { name: "pay", locality: EVERYWHERE },
    ],
  });
  const verdict = async () => (await stage.plan(zone2(), "terminate")).impact.majority;
  // The replicas of pay stand on the first server of each zone; the second one of zone3 holds none.
  stage.simulator.setObserver(at(5), "process-stopped");
  await vi.waitFor(
    async () =>
      expect(await verdict()).toMatchObject({ verdict: "no-spare", source: "cluster", tenants: ["sys", "pay"] }),
    { timeout: 20_000, interval: 300 },
  );
  expect((await stage.plan([...zone2()].slice(0, 1), "terminate")).impact.majority).toMatchObject({
    verdict: "lost",
    tenants: ["pay"],
    source: "estimate",
  });
});

test.each(["4.3.1.0", "4.4.1.0"] as const)(
  "agents of %s: who guards the majority of a whole zone is said",
  async (version) => {
    await begin({ version });
    const isNew = version === "4.4.1.0";
    const guard = async (method: "stop" | "terminate" | "force") =>
      (await stage.plan(zone2(), method)).impact.majority.guard;
    expect(await guard("stop")).toBe(isNew ? "cluster" : "database");
    expect(await guard("terminate")).toBe(isNew ? "cluster" : "nobody");
    expect(await guard("force")).toBe("nobody");
    expect(stage.simulator.requests.some(({ path }) => path.endsWith("/stop/check"))).toBe(isNew);
  },
);

test("a foreign lock blocks and cannot be chosen; a task of the cluster only warns; members and clocks are named", async () => {
  await begin();
  stage.simulator.setFault(at(5), { kind: "foreign-lock", name: "Upgrade agent" });
  stage.simulator.setFault("*", { kind: "cluster-task", name: "Scale out" });
  stage.simulator.setFault(at(4), { kind: "identity", identity: "SCALING OUT" });
  stage.simulator.setFault(at(3), { kind: "clock-skew", seconds: 14 });
  const plan = await stage.plan([at(0)], "stop");
  expect(plan.blockers).toMatchObject([
    { name: "Upgrade agent", releasable: false, agents: [at(5)], coordinator: null },
  ]);
  expect(checkOf(plan, "nobody-else")).toMatchObject({ level: "block", message: "foreign" });
  const chosen = await stage.plan([at(0)], "stop", { releases: [plan.blockers[0]?.id ?? ""] });
  expect(chosen.blockers).toMatchObject([{ chosen: false }]);
  expect(checkOf(plan, "cluster-task")).toMatchObject({ level: "warn", params: { name: "Scale out" } });
  expect(checkOf(plan, "members")).toMatchObject({ level: "warn", message: "changing", items: [at(4)] });
  expect(checkOf(plan, "clocks-agree")).toMatchObject({ level: "warn", message: "apart" });
  expect(checkOf(plan, "clocks-agree")?.items).toContain(at(3));
  expect(plan.coordinator).not.toBe(at(4));
});

test("a leftover whose coordinator is dead is unknown, wants a choice, and raises the tier when it is made", async () => {
  await begin({ scenario: "maintenance-held", zoneSizes: [3, 3, 3] });
  stage.simulator.setFault(at(1), { kind: "agent-down" });
  const plan = await stage.plan([at(0)], "stop");
  expect(checkOf(plan, "nobody-else")).toMatchObject({ level: "block", message: "choose-unknown" });
  const chosen = await stage.plan([at(0)], "stop", { releases: [plan.blockers[0]?.id ?? ""] });
  expect(checkOf(chosen, "nobody-else")).toMatchObject({ level: "warn", message: "holds-unknown" });
  expect(chosen).toMatchObject({ tier: 3, notAsked: [at(1)] });
});

test("a part of a cluster that is down as a whole is not started without a word", async () => {
  await begin();
  for (const { address } of stage.simulator.agents) stage.simulator.setObserver(address, "process-stopped");
  const start = (servers: string[]) =>
    makePlan({ action: "start", clusterId: "c1", servers, releases: [], continues: null }, stage.person);
  const part = await start([at(0)]);
  expect(checkOf(part, "start-order")).toMatchObject({ level: "warn", message: "minority" });
  expect(part.tier).toBe(3);
  const all = await start(stage.simulator.agents.map(({ address }) => address));
  expect(all.impact.scope).toEqual({ type: "GLOBAL" });
  expect(checkOf(all, "start-order")).toMatchObject({ level: "ok", message: "all" });
});
