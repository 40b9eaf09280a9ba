import { afterEach, expect, test, vi } from "vitest";
import { readOverview } from "../clusters/overview";
import { listClusters } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { readRun } from "../tasks/read-run";
import { impactOf } from "./impact";
import { makePlan } from "./plans";
import type { Plan } from "./schema";
import { readStanding } from "./standing";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });
const WITHIN = { timeout: 20_000, interval: 200 };

let stage: Stage;
afterEach(() => stage.end());

async function send(plan: Plan): Promise<string> {
  const sent = await stage.confirm(plan);
  if (sent.state !== "accepted") throw new Error(`not accepted: ${JSON.stringify(sent)}`);
  return sent.runId;
}
const runOf = async (id: string) => (await readRun("c1", id)).run;
const stateOf = async (address: string) =>
  (await readTopology("c1", { maxAgeMs: 0 })).zones
    .flatMap(({ servers }) => servers)
    .find((server) => server.address === address)?.state;

test("a start is not done before its server serves: until then it waits, counts for no majority, and is not started again", async () => {
  stage = await startStage("sqlite", { timeScale: 60 });
  watchIntents();
  const [server = "", other = ""] = [stage.inZone("zone2")[0], stage.inZone("zone3")[0]];
  const stopped = await send(await stage.plan([server], "force"));
  await vi.waitFor(async () => expect((await runOf(stopped))?.settled).toBe(true), WITHIN);

  stage.simulator.setFault(server, { kind: "not-in-service" });
  const planStart = (continues: string | null) =>
    makePlan({ action: "start", clusterId: "c1", servers: [server], releases: [], continues }, stage.person);
  const started = await send(await planStart(stopped));
  await vi.waitFor(async () => expect((await runOf(started))?.state).toBe("SUCCEEDED"), WITHIN);
  await vi.waitFor(async () => expect(await stateOf(server)).toBe("NOT_SERVING_YET"), WITHIN);
  const waiting = { settled: false, outcome: { state: "waiting", stopped: 0, failed: 0 } };
  expect(await runOf(started)).toMatchObject(waiting);
  const topology = await readTopology("c1", { maxAgeMs: 0 });
  expect(impactOf(topology, new Set([other]), "terminate").majority.verdict).toBe("lost");
  expect((await readOverview(listClusters())).clusters).toMatchObject([
    { health: "someDown", servers: { total: 9, serving: 8, changing: 0 }, downByUs: 0 },
  ]);
  const again = await planStart(null);
  expect(again.impact.blocks).toContainEqual({ reason: "not-startable", zones: [], servers: [server] });
  expect(await runOf(started)).toMatchObject(waiting);

  stage.simulator.setFault(server, { kind: "not-in-service" }, false);
  await vi.waitFor(
    async () =>
      expect(await runOf(started)).toMatchObject({ settled: true, outcome: { state: "reached", stopped: 1 } }),
    WITHIN,
  );
  expect(await stateOf(server)).toBe("SERVING");
  await vi.waitFor(async () => expect((await readStanding("c1")).down).toEqual([]), WITHIN);
});

test("a server that was told as not serving yet counts for no majority while a silent host holds the newest answer up", async () => {
  stage = await startStage("sqlite", { timeScale: 1 });
  const [server = "", silent = ""] = [stage.inZone("zone2")[0], stage.inZone("zone3")[0]];
  stage.simulator.setFault(server, { kind: "not-in-service" });
  await vi.waitFor(async () => expect(await stateOf(server)).toBe("NOT_SERVING_YET"), WITHIN);
  stage.simulator.setFault(silent, { kind: "host-silent" });
  const told = await vi.waitFor(async () => {
    const topology = await readTopology("c1", { maxAgeMs: 0 });
    expect(topology.overdue).not.toBeNull();
    return topology;
  }, WITHIN);
  expect(impactOf(told, new Set([silent]), "force").majority).toMatchObject({ verdict: "lost" });
});

test("a server that was started anew while the newest answer is held up counts for no majority by what was told before", async () => {
  stage = await startStage("sqlite", { timeScale: 1 });
  const [server = "", silent = ""] = [stage.inZone("zone2")[0], stage.inZone("zone3")[0]];
  expect(await stateOf(server)).toBe("SERVING");
  stage.simulator.setFault(silent, { kind: "host-silent" });
  const overdue = () =>
    vi.waitFor(async () => {
      const topology = await readTopology("c1", { maxAgeMs: 0 });
      expect(topology.overdue).not.toBeNull();
      return topology;
    }, WITHIN);
  expect(impactOf(await overdue(), new Set([silent]), "force").majority).toMatchObject({ verdict: "no-spare" });
  stage.simulator.setObserver(server, "process-stopped");
  await vi.waitFor(async () => expect(await stateOf(server)).toBe("PROCESS_STOPPED"), WITHIN);
  stage.simulator.setObserver(server, "serving");
  await vi.waitFor(async () => expect(await stateOf(server)).toBe("SERVICE_NOT_REPORTED"), WITHIN);
  expect(impactOf(await overdue(), new Set([silent]), "force").majority).toMatchObject({ verdict: "lost" });
});
