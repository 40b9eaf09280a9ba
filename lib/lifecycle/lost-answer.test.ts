import { afterEach, expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { readSend } from "./execute";
import { makePlan } from "./plans";
import type { Method, Plan } from "./schema";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

/** An answer is lost while servers of its scope are down already, or serve already: the engine works on those as well. */
let stage: Stage;
const begin = async () => {
  stage = await startStage("sqlite", { zoneSizes: [2, 2, 2], timeScale: 60 });
  watchIntents();
};
afterEach(() => stage.end());

const at = (index: number) => stage.simulator.agents[index]?.address ?? "";
const down = (...indexes: number[]) => {
  for (const index of indexes) stage.simulator.setObserver(at(index), "process-stopped");
};
const start = (servers: string[]) =>
  makePlan({ action: "start", clusterId: "c1", servers, releases: [], continues: null }, stage.person);

/** Sends it through an agent that does not get its answer out, and looks for the run as the console does. */
async function loseAnswer(plan: Plan): Promise<void> {
  const before = stage.writes().length;
  stage.simulator.setFault(plan.coordinator ?? "", { kind: "lose-answer" });
  expect((await stage.confirm(plan)).state).toBe("unknown");
  await vi.waitFor(async () => expect((await readSend("c1", plan.id)).state).not.toBe("unknown"), {
    timeout: 30_000,
    interval: 100,
  });
  expect(await readSend("c1", plan.id)).toMatchObject({ state: "accepted" });
  expect(stage.writes()).toHaveLength(before + 1);
}

const STOPS: Record<string, { picks: number[]; down: number; method: Method; scope: string; path: string }> = {
  "the whole cluster by force": { picks: [0, 1, 2, 3, 4], down: 5, method: "force", scope: "GLOBAL", path: "/ob/stop" },
  "the whole cluster with a flush": {
    picks: [0, 1, 2, 3, 5],
    down: 4,
    method: "terminate",
    scope: "GLOBAL",
    path: "/ob/stop",
  },
  "a zone by force": { picks: [2], down: 3, method: "force", scope: "ZONE", path: "/ob/stop" },
  "two zones with a flush": { picks: [0, 1, 2], down: 3, method: "terminate", scope: "ZONE", path: "/ob/stop" },
  "a zone through its own endpoint": {
    picks: [2],
    down: 3,
    method: "terminate",
    scope: "ZONE",
    path: "/ob/zone/zone2/stop",
  },
  "a server by force": { picks: [2], down: 5, method: "force", scope: "SERVER", path: "/ob/stop" },
};

test.each(Object.keys(STOPS))(
  "the lost run of a stop of %s is found, though a server was down already",
  async (name) => {
    const stop = STOPS[name];
    if (!stop) throw new Error(name);
    await begin();
    down(stop.down);
    await readTopology("c1", { maxAgeMs: 0 });
    const plan = await stage.plan(stop.picks.map(at), stop.method);
    expect(plan.impact.scope?.type).toBe(stop.scope);
    await loseAnswer(plan);
    expect(stage.writes()[0]?.path).toBe(`/api/v1${stop.path}`);
  },
);

test("the lost run of a start of the whole cluster is found", async () => {
  await begin();
  down(0, 1, 2, 3, 4, 5);
  await readTopology("c1", { maxAgeMs: 0 });
  const plan = await start(stage.simulator.agents.map(({ address }) => address));
  expect(plan.impact.scope?.type).toBe("GLOBAL");
  await loseAnswer(plan);
});

test("the lost run of a start of zones is found, though a server of them serves", async () => {
  await begin();
  const agent = agentOf("c1", at(4));
  const scope = { type: "ZONE" as const, target: ["zone2"] };
  const { id } = await agent.stop({ scope, mode: "stop", forcePassDag: [] });
  await vi.waitFor(async () => expect((await agent.dag(id)).state).toBe("SUCCEED"), { timeout: 20_000 });
  down(0);
  await readTopology("c1", { maxAgeMs: 0 });
  const plan = await start([at(0), at(2), at(3)]);
  expect(plan.impact.scope).toEqual({ type: "ZONE", target: ["zone1", "zone2"] });
  await loseAnswer(plan);
});
