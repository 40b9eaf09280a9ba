import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../db/store";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { noteBack } from "./down-by-us";
import type { Topology } from "./schema";
import { addCluster, removeCluster } from "./save-cluster";
import { noteZonesStarted, readOurStops } from "./stopped-by-us";
import { exampleTopology } from "./testing/example-topology";

const [ONE, TWO, THREE] = ["10.0.0.1:2886", "10.0.0.2:2886", "10.0.0.3:2886"];
const agoIso = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** A plain stop of a zone, an hour ago, that went well. */
const zoneStop = (
  planId: string,
  change: { zone_stop?: number; opened_at?: string; opened_turn?: number } = {},
  targets = [ONE, TWO],
) => ({
  ...{ plan_id: planId, cluster_id: "c1", attempt_id: planId, person: "li.wei", coordinator: "c", silent: "[]" },
  request: JSON.stringify({ action: "stop", method: "stop", scope: "ZONE", targets }),
  progress: JSON.stringify({ stage: 6, done: "all" }),
  ...{ state: "accepted" as const, run_id: planId, holder: "h", held_until: 0, zone_stop: 1 },
  ...{ opened_at: agoIso(60), ended_at: agoIso(59), recorded_at: agoIso(59), opened_turn: 1, ended_turn: 2, ...change },
});

describe.each(ENGINES)("what was stopped from here, on %s", (engine) => {
  let fresh: FreshStore;
  beforeEach(async () => {
    fresh = await freshStore(engine);
  });
  afterEach(() => fresh.dispose());

  const write = async (...rows: ReturnType<typeof zoneStop>[]) =>
    (await openStore()).db.insertInto("intent").values(rows).execute();
  const zoneStops = async () => {
    const { db } = await openStore();
    const rows = await db.selectFrom("intent").select(["plan_id", "zone_stop"]).orderBy("plan_id").execute();
    return Object.fromEntries(rows.map((row) => [row.plan_id, row.zone_stop]));
  };
  const backs = async () =>
    Object.fromEntries((await readOurStops("c1")).get("c1")?.stops.map(({ planId, back }) => [planId, back]) ?? []);

  test("a start takes back every zone stop that is remembered, marked as one or from before there was a mark", async () => {
    await write(
      zoneStop("marked"),
      zoneStop("unmarked", { zone_stop: 0 }),
      zoneStop("later", { opened_turn: 4 }),
      zoneStop("other", {}, [THREE]),
    );
    await noteZonesStarted("c1", [ONE, TWO], 3);
    expect(await backs()).toEqual({ marked: [ONE, TWO], unmarked: [ONE, TWO], later: [], other: [] });
    expect(await zoneStops()).toEqual({ marked: 0, unmarked: 0, later: 1, other: 1 });
  });

  test("a target that was scaled in is waited for no longer, once the database tells that it is gone", async () => {
    const hidden = exampleTopology(3, 2);
    for (const zone of hidden.zones) {
      zone.innerStatus = "";
      for (const server of zone.servers) server.state = "SERVICE_NOT_REPORTED";
    }
    const kept = hidden.zones[0]?.servers[0]?.address ?? "";
    await write(zoneStop("scaled", {}, [kept, "10.0.9.9:2886"]));
    const note = async (topology: Topology, turn = 2) =>
      noteBack((await readOurStops("c1")).get("c1"), { topology, turn });
    await note({ ...hidden, databaseReachable: false });
    expect(await backs()).toEqual({ scaled: [] });
    // Read by a host whose clock is ahead, and looked for before the end.
    await note({ ...hidden, readAt: new Date(Date.now() + 600_000).toISOString() }, 1);
    expect(await backs()).toEqual({ scaled: [] });
    // Read by a host whose clock is behind, and looked for after it.
    await note({ ...hidden, readAt: agoIso(600) });
    expect(await backs()).toEqual({ scaled: ["10.0.9.9:2886"] });
    await noteZonesStarted("c1", [kept], 3);
    expect(await zoneStops()).toEqual({ scaled: 0 });
  });

  test("a cluster that is removed leaves nothing to be told about the next one of its id", async () => {
    const { db } = await openStore();
    const draft = { name: "core", environment: "TEST" as const, agents: ["10.0.0.1:2886"], twoPerson: false };
    await addCluster({ clusterId: "gone", ...draft, password: "a", tls: null }, "li.wei");
    await write(zoneStop("told"), zoneStop("old", { opened_at: "2026-01-01T00:00:00.000Z" }));
    await db.updateTable("intent").set({ cluster_id: "gone" }).execute();
    await write(zoneStop("another"));
    await removeCluster({ clusterId: "gone", typedName: "core" }, { person: { name: "zhao" }, attemptId: "removal" });
    const gone = (await readOurStops("gone")).get("gone")?.stops.map(({ planId, back }) => [planId, back]);
    expect(gone).toEqual([["told", [ONE, TWO]]]);
    expect(await zoneStops()).toEqual({ another: 1, old: 0, told: 0 });
  });
});
