import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { readZoneRecords } from "../clusters/down-by-us";
import { readOverview } from "../clusters/overview";
import { listClusters } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { openStore } from "../db/store";
import type { SimulatorOptions } from "../simulator/cluster";
import { readRun } from "../tasks/read-run";
import { makePlan } from "./plans";
import type { Plan } from "./schema";
import { readStanding } from "./standing";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

/** A zone that is stopped as a zone, at agents that do not report that (before 4.3.0.0) and at the first that do. */
let stage: Stage;
const begin = async (options: Partial<SimulatorOptions>) => {
  stage = await startStage("sqlite", { timeScale: 60, ...options });
  watchIntents();
};
afterEach(() => stage.end());

const planStart = (servers: string[]) =>
  makePlan({ action: "start", clusterId: "c1", servers, releases: [], continues: null }, stage.person);
const check = (plan: Plan, id: string) => plan.checks.find((one) => one.id === id);

async function send(plan: Plan) {
  const sent = await stage.confirm(plan);
  if (sent.state !== "accepted") throw new Error(`not accepted: ${JSON.stringify(sent)}`);
  for (;;) {
    const { run } = await readRun("c1", sent.runId);
    if (run?.settled && (await readStanding("c1")).stops.length === 0) return run;
    await sleep(100);
  }
}

/** What the servers of a zone show, and what the console remembers of it. */
async function shown(zone: string) {
  const { zones } = await readTopology("c1", { maxAgeMs: 0 });
  const states = new Set(zones.find(({ name }) => name === zone)?.servers.map(({ state }) => state));
  const { down } = await readStanding("c1");
  return { states: [...states], down: down.map((stop) => ({ ...stop, servers: stop.servers.toSorted() })) };
}
const overview = async () => (await readOverview(listClusters())).clusters[0];
const isStopped = (zone: string) => stage.simulator.observers().some((one) => one.zone === zone && one.isZoneStopped);

test("4.2.3.0: it is told as not reported, remembered until it is started from here, and can be started", async () => {
  await begin({ version: "4.2.3.0" });
  expect(await shown("zone2")).toEqual({ states: ["SERVICE_NOT_REPORTED"], down: [] });
  expect(await overview()).toMatchObject({ health: "allRunning", zonesByUs: [], downByUs: 0 });

  const stopping = await stage.plan(stage.inZone("zone2"));
  expect(stopping.impact.scope).toEqual({ type: "ZONE", target: ["zone2"] });
  expect(check(stopping, "one-zone")).toMatchObject({ level: "info", message: "unknown" });
  const stopped = await send(stopping);
  expect(isStopped("zone2")).toBe(true);
  expect(stopped).toMatchObject({ state: "SUCCEEDED", outcome: { state: "not-reported", stopped: 0 } });
  expect(stopped.offers).toMatchObject([{ kind: "start", obstacle: null }]);
  // It goes on being remembered, however often the cluster is looked at.
  for (let look = 0; look < 3; look += 1)
    expect(await shown("zone2")).toMatchObject({
      states: ["SERVICE_NOT_REPORTED"],
      down: [{ certainty: "zone-not-reported", runId: stopped.id, zones: ["zone2"], person: "li.wei" }],
    });
  expect(await overview()).toMatchObject({ health: "allRunning", zonesByUs: ["zone2"], downByUs: 0 });

  const second = await stage.plan(stage.inZone("zone3"));
  expect(check(second, "one-zone")).toMatchObject({ level: "warn", message: "recorded", items: ["zone2"] });

  const plan = await planStart(stage.inZone("zone2"));
  expect(plan.impact).toMatchObject({ blocks: [], scope: { type: "ZONE", target: ["zone2"] }, unclear: 6 });
  expect(check(plan, "zone-status")).toMatchObject({
    ...{ level: "info", message: "recorded", items: ["zone2"] },
    params: { name: "li.wei", why: "zones-not-reported" },
  });
  expect((await send(plan)).outcome.state).toBe("not-reported");
  expect(isStopped("zone2")).toBe(false);
  expect(await shown("zone2")).toEqual({ states: ["SERVICE_NOT_REPORTED"], down: [] });
  expect(await overview()).toMatchObject({ zonesByUs: [] });
  // Without a record a start is offered as well, and says so.
  expect(check(await planStart(stage.inZone("zone2")), "zone-status")).toMatchObject({ message: "no-record" });
});

test("4.2.3.0: the record outlives a month, a restart, and a crash and start of its servers", async () => {
  await begin({ version: "4.2.3.0" });
  const zone = stage.inZone("zone2").toSorted();
  await send(await stage.plan(zone));
  const { db } = await openStore();
  await db.updateTable("intent").set({ opened_at: "2026-01-01T00:00:00.000Z" }).execute();
  await stage.restart();
  expect((await shown("zone2")).down).toMatchObject([{ certainty: "zone-not-reported", servers: zone }]);

  const [one = ""] = zone;
  stage.simulator.setObserver(one, "process-stopped");
  expect((await shown("zone2")).down).toMatchObject([{ certainty: "zone-not-reported", servers: zone }]);
  const part = await planStart([one]);
  expect(part.impact).toMatchObject({ blocks: [], scope: { type: "SERVER" } });
  expect(check(part, "zone-status")).toMatchObject({ level: "warn", message: "recorded-servers" });
  watchIntents();
  await send(part);
  expect(isStopped("zone2")).toBe(true);
  expect((await shown("zone2")).down).toMatchObject([{ certainty: "zone-not-reported", servers: zone }]);
  await send(await planStart(zone));
  expect((await shown("zone2")).down).toEqual([]);
});

test("4.2.3.0: a zone whose servers are killed from here later is still a stopped zone (protocol §5.3)", async () => {
  await begin({ version: "4.2.3.0" });
  const zone = stage.inZone("zone2").toSorted();
  const stopped = await send(await stage.plan(zone));
  const killed = await send(await stage.plan(zone, "force"));
  expect(isStopped("zone2")).toBe(true);
  // Each server is told once, at the newest stop; the zone at the one that stopped it.
  expect((await shown("zone2")).down).toMatchObject([
    { certainty: "down", runId: killed.id, servers: zone, zones: ["zone2"] },
    { certainty: "zone-not-reported", runId: stopped.id, servers: [], zones: ["zone2"] },
  ]);
  expect(await overview()).toMatchObject({ zonesByUs: ["zone2"], downByUs: zone.length });
  const topology = await readTopology("c1", { maxAgeMs: 0 });
  expect(await readZoneRecords(topology)).toMatchObject([{ zone: "zone2", person: "li.wei" }]);
  const other = await stage.plan(stage.inZone("zone3"));
  expect(check(other, "one-zone")).toMatchObject({ level: "warn", message: "recorded", items: ["zone2"] });
  const part = await planStart(zone.slice(0, 1));
  expect(check(part, "zone-status")).toMatchObject({ level: "warn", message: "recorded-servers" });
  await send(await planStart(zone));
  expect(isStopped("zone2")).toBe(false);
  await vi.waitFor(async () => expect((await shown("zone2")).down).toEqual([]), { timeout: 20_000, interval: 300 });
});

test("4.2.3.0: what was stopped by itself or killed is told, and back when it runs; a running server is started with its zone only", async () => {
  await begin({ version: "4.2.3.0" });
  const [one = "", two = "", three = ""] = stage.inZone("zone2");
  await send(await stage.plan([one]));
  await send(await stage.plan([two], "force"));
  const { zones } = await readTopology("c1", { maxAgeMs: 0 });
  const states = new Map(zones.flatMap((zone) => zone.servers.map(({ address, state }) => [address, state])));
  expect([states.get(one), states.get(two)]).toEqual(["SERVICE_STOPPED", "PROCESS_STOPPED"]);
  expect((await readStanding("c1")).down.map(({ certainty, servers }) => [certainty, ...servers])).toEqual([
    ["down", two],
    ["down", one],
  ]);
  expect((await planStart([one, three])).impact.blocks).toMatchObject([{ reason: "zone-not-reported" }]);
  const plan = await planStart([one, two]);
  expect(plan.impact.scope).toMatchObject({ type: "SERVER" });
  expect(check(plan, "zone-status")).toMatchObject({ level: "info", message: "servers" });
  await send(plan);
  await vi.waitFor(async () => expect((await shown("zone2")).down).toEqual([]), { timeout: 20_000, interval: 300 });
});

test("4.3.0.0: it is reported, so nothing but that is told, and a zone that serves is not started", async () => {
  await begin({ version: "4.3.0.0" });
  const plan = await stage.plan(stage.inZone("zone2"));
  expect(check(plan, "one-zone")).toMatchObject({ level: "ok" });
  expect((await send(plan)).outcome.state).toBe("reached");
  expect(await shown("zone2")).toMatchObject({
    states: ["SERVICE_STOPPED"],
    down: [{ certainty: "down", scope: "ZONE", servers: stage.inZone("zone2").toSorted() }],
  });
  const start = await planStart(stage.inZone("zone2"));
  expect(check(start, "zone-status")).toBeUndefined();
  await send(start);
  await vi.waitFor(async () => expect(await shown("zone2")).toEqual({ states: ["SERVING"], down: [] }), {
    timeout: 20_000,
    interval: 300,
  });
  expect((await planStart(stage.inZone("zone2"))).impact.blocks).toMatchObject([{ reason: "not-startable" }]);
});
