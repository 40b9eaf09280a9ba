import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStore } from "../db/store";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { startSimulator, type Simulator } from "../simulator/cluster";
import { readOverview, summarize } from "./overview";
import { listClusters } from "./registry";
import type { ClusterCard } from "./schema";
import { downOf } from "./down-by-us";
import { readOurStops } from "./stopped-by-us";
import { exampleTopology, withoutAgent, withServer } from "./testing/example-topology";

const CARD: ClusterCard = { id: "c1", name: "core", environment: "PROD", twoPerson: false, source: "store" };
const seen = (topology = exampleTopology()) => ({ topology, ageMs: 400, error: null, lookedAtMs: 1, turn: 0 });

test("all serving, some down, and what of that is down by us", () => {
  expect(summarize(CARD, seen(), undefined)).toMatchObject({ health: "allServing", downByUs: 0, ageMs: 400 });
  const topology = exampleTopology();
  const [first, second] = topology.zones[0]?.servers ?? [];
  if (!first || !second) throw new Error("the example has servers");
  first.state = "PROCESS_STOPPED";
  second.state = "SERVICE_STOPPED";
  const stop = {
    ...{ planId: "p1", runId: "21", person: "li.wei", since: "2026-01-01T00:00:00.000Z", method: "stop" as const },
    ...{
      scope: "SERVER" as const,
      targets: [first.address],
      ...{ endedAt: "2026-01-01T00:01:00.000Z", turn: 1, endedTurn: 2 },
      back: [] as string[],
      hasActed: true,
      isZoneStop: false,
      done: "all" as const,
    },
  };
  const ours = { stops: [stop], going: null };
  const summary = summarize(CARD, seen(topology), ours);
  expect(summary).toMatchObject({ health: "someDown", downByUs: 1 });
  const wasBack = { stops: [{ ...stop, back: [first.address] }], going: null };
  expect(summarize(CARD, seen(topology), wasBack)).toMatchObject({ downByUs: 0 });
  const isGoing = { stops: [{ ...stop, endedAt: null }], going: null };
  expect(summarize(CARD, seen(topology), isGoing)).toMatchObject({ downByUs: 0 });
  const endedEarly = { stops: [{ ...stop, hasActed: false }], going: null };
  expect(summarize(CARD, seen(topology), endedEarly)).toMatchObject({ downByUs: 0 });
  const untold = exampleTopology();
  for (const server of untold.zones.flatMap((zone) => zone.servers)) server.state = "NOT_REPORTED";
  expect(summarize(CARD, seen(untold), ours)).toMatchObject({ downByUs: 0 });
  expect(summary.servers).toMatchObject({ serving: (summary.servers?.total ?? 0) - 2 });
});

let fresh: FreshStore | null = null;
let simulator: Simulator;
beforeEach(async () => {
  vi.stubEnv("RIGHT", "s3cret");
  vi.stubEnv("WRONG", "wrong");
  simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "s3cret" });
});
afterEach(async () => {
  await simulator.close();
  await fresh?.dispose();
  fresh = null;
});

test("a member that is set aside is counted as that, and hides no other that is down", () => {
  const setAside = { by: "zhao", since: "2026-01-01T00:00:00Z", reason: "gone for good" };
  const gone = { state: "NOT_REPORTED", innerStatus: "INACTIVE" } as const;
  const aside = withoutAgent(exampleTopology(), "10.0.3.1:2886", { ...gone, setAside });
  expect(summarize(CARD, seen(aside), undefined)).toMatchObject({ health: "allServing", setAside: 1 });
  const other = withServer(aside, "10.0.1.1:2886", { state: "PROCESS_STOPPED" });
  expect(summarize(CARD, seen(other), undefined)).toMatchObject({ health: "someDown", setAside: 1 });
  const counted = withoutAgent(exampleTopology(), "10.0.3.1:2886", gone);
  expect(summarize(CARD, seen(counted), undefined)).toMatchObject({ health: "someDown", setAside: 0 });
});

test.each(ENGINES)(
  "a hundred clusters on %s: problems first, at once, and none is asked more than once a round",
  async (engine) => {
    const agents = [simulator.agents[0]?.address ?? ""];
    const good = Array.from({ length: 98 }, (_, at) => ({ id: `c${at}`, agents, passwordEnv: "RIGHT" }));
    const clusters = [
      ...good,
      { id: "silent", agents: ["127.0.0.1:1999"], passwordEnv: "RIGHT" },
      { id: "wrong", agents, passwordEnv: "WRONG" },
    ];
    fresh = await freshStore(engine, { clusters });
    await vi.waitFor(
      async () => {
        const { clusters: rows } = await readOverview(listClusters());
        expect(rows.map(({ health }) => health)).toEqual([
          "passwordRejected",
          "unreachable",
          ...good.map(() => "allServing"),
        ]);
      },
      { timeout: 50_000, interval: 300 },
    );
    const startedAt = Date.now();
    const { clusters: rows, lostKey, shadowed } = await readOverview(listClusters());
    expect(Date.now() - startedAt).toBeLessThan(500);
    expect(rows.every(({ ageMs, health }) => health !== "allServing" || ageMs !== null)).toBe(true);
    expect({ lostKey, shadowed }).toEqual({ lostKey: null, shadowed: [] });
    // One wrong password is one login, however often the overview is read.
    await Promise.all(Array.from({ length: 20 }, () => readOverview(listClusters())));
    const refused = simulator.requests.filter(({ outcome }) => outcome === 401);
    expect(refused).toHaveLength(1);
  },
  40_000,
);

test.each(ENGINES)("on %s a stop that is open, and targets of those that were accepted", async (engine) => {
  fresh = await freshStore(engine);
  const { db } = await openStore();
  const row = (planId: string, clusterId: string, state: "open" | "unknown" | "accepted", endedAt: string | null) => ({
    ...{ plan_id: planId, cluster_id: clusterId, attempt_id: planId, person: "li.wei", coordinator: "c", silent: "[]" },
    ...{
      request: JSON.stringify({ method: "stop", targets: ["10.0.0.1:2886"] }),
      opened_at: new Date().toISOString(),
      progress: "{}",
    },
    ...{ state, run_id: state === "accepted" ? "21" : null, ended_at: endedAt, holder: "h", held_until: 0 },
  });
  await db
    .insertInto("intent")
    .values([
      row("p1", "c1", "accepted", "2026-01-01T00:00:00.000Z"),
      row("p2", "c1", "unknown", null),
      row("p3", "c2", "open", null),
    ])
    .execute();
  const stops = await readOurStops();
  expect(stops.get("c1")?.stops).toMatchObject([{ targets: ["10.0.0.1:2886"], person: "li.wei", back: [] }]);
  expect(stops.get("c1")?.going).toBe("unknown");
  expect(stops.get("c2")).toMatchObject({ going: "open", stops: [] });
});

test.each(ENGINES)(
  "on %s a retry is the stop that it goes on with; one that failed early took nothing down",
  async (engine) => {
    fresh = await freshStore(engine);
    const { db } = await openStore();
    const [server] = exampleTopology().zones[0]?.servers ?? [];
    const address = server?.address ?? "";
    const down = exampleTopology();
    for (const one of down.zones.flatMap((zone) => zone.servers))
      if (one.address === address) one.state = "PROCESS_STOPPED";
    const row = (planId: string, at: number, action: "stop" | "retry", stage: number, back: string[] = []) => ({
      ...{ plan_id: planId, cluster_id: "c1", attempt_id: planId, person: planId, coordinator: "c", silent: "[]" },
      request: JSON.stringify({ action, method: action === "stop" ? "terminate" : null, targets: [address] }),
      opened_at: new Date(Date.now() - 60_000 + at).toISOString(),
      progress: JSON.stringify({ stage }),
      ...{ state: "accepted" as const, run_id: "21", ended_at: new Date(Date.now() - 30_000 + at).toISOString() },
      ...{ holder: "h", held_until: 0, back: JSON.stringify(back) },
    });
    // The flush failed, and the server was seen serving; whatever happened to it then was not this.
    await db
      .insertInto("intent")
      .values(row("li.wei", 0, "stop", 3, [address]))
      .execute();
    expect(downOf((await readOurStops()).get("c1"), down)).toEqual([]);
    await db.updateTable("intent").set({ back: "[]" }).execute();
    expect(downOf((await readOurStops()).get("c1"), down)).toEqual([]);
    await db
      .insertInto("intent")
      .values(row("zhao.min", 1, "retry", 6))
      .execute();
    const [found] = downOf((await readOurStops()).get("c1"), down);
    expect(found).toMatchObject({
      stop: { person: "zhao.min", method: "terminate", runId: "21" },
      servers: [{ address }],
    });
  },
);
