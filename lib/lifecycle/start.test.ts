import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { readTopology } from "../clusters/topology";
import type { SimulatorOptions } from "../simulator/cluster";
import { readRun } from "../tasks/read-run";
import { describeAttempt } from "./describe";
import { makePlan } from "./plans";
import type { Method, Plan } from "./schema";
import { readStanding } from "./standing";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

/** Stop and start again, each the whole way: plan, intent, the decrypted request at an agent, run, topology. */
let stage: Stage;
const begin = async (options: Partial<SimulatorOptions> = {}) => {
  stage = await startStage("sqlite", { timeScale: 60, ...options });
  watchIntents();
};
afterEach(() => stage.end());

const planStart = (servers: string[], continues: string | null = null) =>
  makePlan({ action: "start", clusterId: "c1", servers, releases: [], continues }, stage.person);
const bodies = () => stage.writes().map(({ path, body }) => [path.split("/").at(-1), body]);

async function send(plan: Plan): Promise<string> {
  const sent = await stage.confirm(plan);
  if (sent.state !== "accepted") throw new Error(`not accepted: ${JSON.stringify(sent)}`);
  for (;;) {
    const { run } = await readRun("c1", sent.runId);
    if (run?.settled && (await readStanding("c1")).stops.length === 0) return sent.runId;
    await sleep(100);
  }
}

const stop = async (servers: string[], method: Method) => send(await stage.plan(servers, method));
const states = async (servers: string[]) => {
  const { zones } = await readTopology("c1", { maxAgeMs: 0 });
  const all = zones.flatMap((zone) => zone.servers);
  return [...new Set(all.filter(({ address }) => servers.includes(address)).map(({ state }) => state))];
};

const scopeTypeOf = (scope: { type?: string }) => ({ scope: scope.type });

test.each<[string, (stage: Stage) => string[], Method, { type: string; target?: string[] }]>([
  ["servers", ({ inZone }) => inZone("zone2").slice(0, 2), "force", { type: "SERVER" }],
  ["a zone stopped as a zone", ({ inZone }) => inZone("zone2"), "terminate", { type: "ZONE", target: ["zone2"] }],
  ["everything", ({ simulator }) => simulator.agents.map(({ address }) => address), "force", { type: "GLOBAL" }],
])("%s start with the scope they were stopped with, and serve again", async (_what, pick, method, scope) => {
  await begin();
  const servers = pick(stage);
  const stopped = await stop(servers, method);
  expect(await states(servers)).toEqual(["PROCESS_STOPPED"]);
  const [down] = (await readStanding("c1")).down;
  expect(down).toMatchObject({ runId: stopped, person: "li.wei", ...scopeTypeOf(scope) });
  expect(down?.servers.toSorted()).toEqual(servers.toSorted());

  const plan = await planStart(servers, stopped);
  expect(plan).toMatchObject({ action: "start", method: null, continues: stopped, run: { id: stopped, by: "li.wei" } });
  const checked = await describeAttempt("plan.check", { clusterId: "c1", planId: plan.id });
  expect(checked).toMatchObject({ action: "plan.check", detail: { planned: "cluster.start" } });
  const started = await send(plan);
  expect(bodies().at(-1)).toEqual(["start", { scope: expect.objectContaining(scope) as object }]);
  const { run } = await readRun("c1", started);
  expect(run).toMatchObject({ kind: "start", state: "SUCCEEDED", by: "li.wei", outcome: { wanted: "SERVING" } });
  await vi.waitFor(async () => expect(await states(servers)).toEqual(["SERVING"]), { timeout: 20_000, interval: 300 });
  await vi.waitFor(async () => expect((await readStanding("c1")).down).toEqual([]), { timeout: 20_000, interval: 300 });
});

test("a stopped zone is not started server by server, and what serves is not started at all", async () => {
  await begin();
  await stop(stage.inZone("zone2"), "stop");
  const part = await planStart(stage.inZone("zone2").slice(0, 1));
  expect(part.impact.blocks).toMatchObject([{ reason: "zone-as-zone", zones: ["zone2"] }]);
  await expect(stage.confirm(part)).rejects.toMatchObject({ kind: "plan-blocked" });
  const serving = await planStart(stage.inZone("zone1").slice(0, 1));
  expect(serving.impact.blocks).toMatchObject([{ reason: "not-startable" }]);
});

test("a start whose answer was lost is found, and not sent again", async () => {
  await begin();
  const servers = stage.inZone("zone2").slice(0, 1);
  await stop(servers, "force");
  const plan = await planStart(servers);
  stage.simulator.setFault("*", { kind: "lose-answer" });
  expect(await stage.confirm(plan)).toMatchObject({ state: "unknown" });
  const { readSend } = await import("./execute");
  await vi.waitFor(async () => expect(await readSend("c1", plan.id)).toMatchObject({ state: "accepted" }), {
    timeout: 20_000,
    interval: 200,
  });
  expect(bodies().filter(([path]) => path === "start")).toHaveLength(1);
});
