import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import { knownAgents, readTopology } from "../clusters/topology";
import { VERSIONS, type SimulatorOptions } from "../simulator/cluster";
import { readRun } from "../tasks/read-run";
import { describeAttempt } from "./describe";
import { makePlan } from "./plans";
import type { Method, Plan } from "./schema";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

/** zone2 has one server with an agent, and two without, on the host of all others. */
let stage: Stage;
const begin = async (options: Partial<SimulatorOptions> = {}) => {
  stage = await startStage("sqlite", { scenario: "agentless-server", timeScale: 60, ...options });
  watchIntents();
};
afterEach(() => stage.end());

const serversOf = async (zone: string) =>
  (await readTopology("c1", { maxAgeMs: 0 })).zones.find(({ name }) => name === zone)?.servers ?? [];
const bare = async () => (await serversOf("zone2")).filter(({ agent }) => agent === null);

async function send(plan: Plan) {
  const sent = await stage.confirm(plan);
  if (sent.state !== "accepted") throw new Error(`not accepted: ${JSON.stringify(sent)}`);
  for (;;) {
    const { run } = await readRun("c1", sent.runId);
    if (run?.settled) return run;
    await sleep(50);
  }
}

test.each(VERSIONS)("two of them on one host are two, and nobody is asked for them (%s)", async (version) => {
  await begin({ version });
  const [first, second, ...others] = await bare();
  expect(others).toEqual([]);
  expect([first, second].map((server) => [server?.agentless, server?.obState])).toEqual([
    ["none", null],
    ["none", null],
  ]);
  expect(first?.address).not.toBe(second?.address);
  expect(first?.address).toBe(`127.0.0.1:${first?.svrPort}`);
  const agents = stage.simulator.agents.map(({ address }) => address);
  expect(knownAgents("c1").toSorted()).toEqual(agents.toSorted());
});

test.each<Method>(["stop", "terminate", "force"])(
  "a %s of all of a zone that can be stopped stops just that, as its plan said, and the others serve on",
  async (method) => {
    await begin();
    const servers = stage.inZone("zone2");
    const names = (await bare()).map(({ address }) => address);
    const plan = await stage.plan(servers, method);
    expect(plan.impact).toMatchObject({ stopping: 1, staying: 8, total: 9, outOfReach: names });
    expect(plan.impact.scope).toEqual({ type: "SERVER", target: servers });
    expect(plan.checks.find(({ id }) => id === "agents-answer")).toMatchObject({ level: "ok", params: { count: 7 } });
    const run = await send(plan);
    expect(run).toMatchObject({ state: "SUCCEEDED", outcome: { state: "reached", stopped: 1, total: 1 } });
    expect(run.now).toMatchObject({ silent: [], outOfReach: names });
    expect(new Set((await bare()).map(({ state }) => state))).toEqual(new Set(["SERVING"]));
    const detail = (await describeAttempt(null, { clusterId: "c1", planId: plan.id })).detail;
    expect(detail).toMatchObject({ targets: servers, outOfReach: names });
  },
);

test("a request by hand for one of them, or for port 0 of its host, is refused in clear words and sends nothing", async () => {
  await begin();
  const [first] = await bare();
  const name = first?.address ?? "";
  const ask = (servers: string[], action: "stop" | "start") => {
    const rest = { clusterId: "c1", servers, releases: [], continues: null };
    return makePlan(
      action === "stop" ? { action, ...rest, method: "force", cancels: null } : { action, ...rest },
      stage.person,
    );
  };
  for (const action of ["stop", "start"] as const)
    for (const target of [name, "127.0.0.1:0", `127.0.0.1:${first?.sqlPort}`])
      await expect(ask([...stage.inZone("zone2"), target], action)).rejects.toMatchObject({
        kind: "target-agentless",
        facts: { params: { n: 1, list: target } },
      });
  await expect(ask(["10.9.9.9:2886"], "stop")).rejects.toMatchObject({ kind: "target-unknown" });
  expect(stage.writes()).toEqual([]);
});

test("without a database they are still there, and a stop of all others does not say that nothing stays up", async () => {
  await begin();
  const names = (await bare()).map(({ address }) => address);
  stage.simulator.setFault("*", { kind: "database-down" });
  expect((await bare()).map(({ address, state }) => [address, state])).toEqual(
    names.map((name) => [name, "NOT_REPORTED"]),
  );
  const plan = await stage.plan(
    stage.simulator.agents.map(({ address }) => address),
    "force",
  );
  expect(plan.impact).toMatchObject({ stopping: 7, total: 9, outOfReach: names, scope: { type: "SERVER" } });
  stage.simulator.clearFaults();
  expect((await bare()).map(({ state }) => state)).toEqual(["SERVING", "SERVING"]);
});

test("a zone that somebody else stops as a zone takes them along, and a start of the zone brings them back", async () => {
  await begin();
  const coordinator = agentOf("c1", stage.simulator.agents[0]?.address ?? "");
  const scope = { type: "ZONE", target: ["zone2"] } as const;
  const { id } = await coordinator.stop({ scope: { ...scope, target: ["zone2"] }, mode: "stop", forcePassDag: [] });
  await expect.poll(async () => (await coordinator.dag(id, { details: false })).state).toBe("SUCCEED");
  const names = (await bare()).map(({ address }) => address);
  expect((await bare()).map(({ state }) => state)).toEqual(["SERVICE_STOPPED", "SERVICE_STOPPED"]);
  const stopped = async () =>
    (await readRun("c1", id)).run?.now?.groups.find(({ state }) => state === "SERVICE_STOPPED")?.servers.toSorted();
  await expect.poll(stopped).toEqual([...names, ...stage.inZone("zone2")].toSorted());
  const request = { clusterId: "c1", servers: stage.inZone("zone2"), releases: [], continues: null };
  const plan = await makePlan({ action: "start", ...request }, stage.person);
  expect(plan.impact).toMatchObject({ stopping: 1, staying: 8, outOfReach: [], scope });
  await send(plan);
  expect((await bare()).map(({ state }) => state)).toEqual(["SERVING", "SERVING"]);
});
