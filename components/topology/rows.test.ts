import { describe, expect, test } from "vitest";
import { agentlessName, exampleTopology, withoutAgent, withServer } from "@/lib/clusters/testing/example-topology";
import { whyDropped } from "./use-selection-care";
import { lanesOf, rowsOf, selectRange, tickOf, toggleAll, zoneTick } from "./rows";

const stopped = "10.0.1.2:2886";
const topology = withServer(exampleTopology(), stopped, { state: "PROCESS_STOPPED" });
const servers = topology.zones.flatMap((zone) => zone.servers);
const lanes = lanesOf(topology.zones, new Set(servers), false);
const [first] = lanes;

test("a folded zone is one row, an open one shows its servers with their place among them", () => {
  const rows = rowsOf(lanes, (zone) => zone === "zone2");
  expect(rows.map((row) => row.kind)).toEqual(["zone", "zone", "server", "server", "server", "zone"]);
  expect(rows[3]).toMatchObject({ key: "10.0.2.2:2886", position: 2, of: 3 });
  expect(rows[5]).toMatchObject({ kind: "zone", position: 3, of: 3 });
});

test("a zone that the filter empties is left out; its counts are always those of the whole zone", () => {
  const shown = new Set(servers.filter((server) => server.address === "10.0.1.1:2886"));
  const [lane, ...others] = lanesOf(topology.zones, shown, true);
  expect(others).toEqual([]);
  expect(lane?.counts).toEqual([
    { state: "PROCESS_STOPPED", n: 1 },
    { state: "SERVING", n: 2 },
  ]);
});

describe("selection", () => {
  const zone1 = first?.selectable ?? [];

  test("a zone's box takes what can be picked, is mixed for a part of it, and takes it back", () => {
    expect(zone1).toEqual(["10.0.1.1:2886", "10.0.1.3:2886"]);
    const all = toggleAll(new Set(["10.0.1.1:2886", "10.0.3.1:2886"]), zone1);
    expect([...all].sort()).toEqual(["10.0.1.1:2886", "10.0.1.3:2886", "10.0.3.1:2886"]);
    expect(tickOf(zone1, all)).toBe(true);
    expect(tickOf(zone1, new Set(["10.0.1.1:2886"]))).toBe("mixed");
    expect([...toggleAll(all, zone1)]).toEqual(["10.0.3.1:2886"]);
    expect(tickOf([], all)).toBe(false);
  });

  test("a range goes either way, keeps what was picked, and passes over what cannot be", () => {
    const down = selectRange(new Set(["10.0.3.3:2886"]), servers, "10.0.1.1:2886", "10.0.2.1:2886");
    expect([...down]).toEqual(["10.0.3.3:2886", "10.0.1.1:2886", "10.0.1.3:2886", "10.0.2.1:2886"]);
    const up = selectRange(new Set(), servers, "10.0.2.1:2886", "10.0.1.1:2886");
    expect([...up].sort()).toEqual(["10.0.1.1:2886", "10.0.1.3:2886", "10.0.2.1:2886"]);
    expect([...selectRange(new Set(), servers, "gone", "10.0.2.1:2886")]).toEqual(["10.0.2.1:2886"]);
  });
});

describe("a server without an agent", () => {
  const bare = agentlessName("10.0.1.2:2886");
  const mixed = withoutAgent(exampleTopology(), "10.0.1.2:2886");
  const all = mixed.zones.flatMap((zone) => zone.servers);
  const laneOf = (shown = all, of = mixed) => {
    const [lane] = lanesOf(of.zones, new Set(shown), false);
    if (!lane) throw new Error("no first zone");
    return lane;
  };

  test("is never picked: not with its zone, not in a range that goes over it, and not at its end", () => {
    expect(laneOf().selectable).toEqual(["10.0.1.1:2886", "10.0.1.3:2886"]);
    expect([...selectRange(new Set(), all, "10.0.1.1:2886", "10.0.1.3:2886")]).toEqual(laneOf().selectable);
    expect([...selectRange(new Set(), all, "10.0.1.1:2886", bare)]).toEqual(["10.0.1.1:2886"]);
    expect([...selectRange(new Set(), all, bare, bare)]).toEqual([]);
  });

  test("leaves the box of its zone mixed while it serves, and a second press takes the others back", () => {
    const picked = toggleAll(new Set(), laneOf().selectable);
    expect(zoneTick(laneOf(), picked)).toBe("mixed");
    expect(toggleAll(picked, laneOf().selectable).size).toBe(0);
    const gone = withoutAgent(exampleTopology(), "10.0.1.2:2886", { state: "NOT_REPORTED", innerStatus: "INACTIVE" });
    const goneAll = gone.zones.flatMap((zone) => zone.servers);
    expect(zoneTick(laneOf(goneAll, gone), picked)).toBe(true);
    expect(zoneTick(laneOf(), new Set())).toBe(false);
  });

  test("what the filter hides of a zone leaves its box mixed, too", () => {
    const whole = exampleTopology();
    const [shown] = whole.zones.flatMap((zone) => zone.servers);
    const lane = laneOf(shown ? [shown] : [], whole);
    expect(zoneTick(lane, toggleAll(new Set(), lane.selectable))).toBe("mixed");
  });

  test("that was picked while it had one is dropped for that, and only where it is known to be the same", () => {
    const why = (address: string) => whyDropped(address, undefined, all);
    expect([why("10.0.1.2:2886"), why("10.0.1.1:3886"), why("10.9.9.9:2886")]).toEqual(["agentless", "gone", "gone"]);
    const server = all.find(({ address }) => address === bare);
    expect(whyDropped(bare, server, all)).toBe("agentless");
  });
});
