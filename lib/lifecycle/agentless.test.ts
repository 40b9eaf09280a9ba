import { describe, expect, test } from "vitest";
import { agentlessName, exampleTopology, withoutAgent, withServer } from "../clusters/testing/example-topology";
import type { Server, Topology } from "../clusters/schema";
import { judgeChecks, type CheckFacts } from "./checks";
import { chooseCoordinator, passedOver } from "./coordinator";
import { impactOf, scopeOf, whyNotSelectable } from "./impact";
import { inScope } from "./in-scope";
import type { Method } from "./schema";
import { startImpactOf, whyNotStartable } from "./start-impact";

const A1 = "10.0.1.1:2886";
const A2 = "10.0.1.2:2886";
const A3 = "10.0.1.3:2886";
const BARE = agentlessName(A3);
/** zone1 has a third server that no agent looks after. */
const mixed = (change: Partial<Server> = {}, topology = exampleTopology()) => withoutAgent(topology, A3, change);
const METHODS: Method[] = ["stop", "terminate", "force"];
const reasonsOf = (topology: Topology, picked: string[], method: Method) =>
  impactOf(topology, new Set(picked), method).blocks.map(({ reason }) => reason);
const find = (topology: Topology, address: string) =>
  topology.zones.flatMap((zone) => zone.servers).find((server) => server.address === address);

describe("a server without an agent", () => {
  test.each(["none", "unclear"] as const)("can be neither stopped nor started, whatever it does (%s)", (agentless) => {
    const why = agentless === "none" ? "no-agent" : "agent-unclear";
    for (const state of ["SERVING", "SERVICE_STOPPED", "NOT_REPORTED", "DELETING"] as const) {
      const server = find(mixed({ state, agentless }), BARE);
      expect(server && [whyNotSelectable(server), whyNotStartable(server)]).toEqual([why, why]);
    }
  });

  test.each(METHODS)("that was picked all the same blocks a %s", (method) => {
    expect(reasonsOf(mixed(), [A1, BARE], method)).toContain("not-stoppable");
  });

  test.each(METHODS)(
    "that serves is no part of a %s of all others of its zone, and is named as what goes on",
    (method) => {
      const impact = impactOf(mixed(), new Set([A1, A2]), method);
      expect(impact.scope).toEqual({ type: "SERVER", target: [A1, A2] });
      expect(impact).toMatchObject({ stopping: 2, staying: 7, total: 9, outOfReach: [BARE] });
      expect(impact.zones[0]).toEqual({ zone: "zone1", stopping: 2, down: 0, total: 3 });
    },
  );

  test("that serves keeps a whole cluster from being stopped as one", () => {
    const all = mixed().zones.flatMap((zone) => zone.servers.map((server) => server.address));
    const picked = new Set(all.filter((address) => address !== BARE));
    expect(scopeOf(mixed(), picked)?.type).toBe("SERVER");
    expect(scopeOf(mixed({ state: "NOT_REPORTED", innerStatus: "INACTIVE" }), picked)?.type).toBe("GLOBAL");
  });

  test.each([
    ["is stopped by itself", { state: "SERVICE_STOPPED", stoppedBySql: true }],
    ["is inactive", { state: "NOT_REPORTED", innerStatus: "INACTIVE" }],
  ] as const)("that %s does not keep the others from being stopped as a zone", (_, change) => {
    expect(scopeOf(mixed(change), new Set([A1, A2]))).toEqual({ type: "ZONE", target: ["zone1"] });
  });

  test("of which nobody tells whether it serves is not drawn into a stop of its zone", () => {
    expect(scopeOf(mixed({ state: "NOT_REPORTED", innerStatus: "" }), new Set([A1, A2]))?.type).toBe("SERVER");
    expect(scopeOf(mixed({ state: "DELETING", innerStatus: "DELETING" }), new Set([A1, A2]))?.type).toBe("SERVER");
  });

  test("that is inactive does not serve on: its zone is gone, and it is not named as what goes on", () => {
    const impact = impactOf(
      mixed({ state: "NOT_REPORTED", innerStatus: "INACTIVE" }),
      new Set(["10.0.2.1:2886"]),
      "stop",
    );
    expect(impact).toMatchObject({ staying: 7, outOfReach: [], majority: { verdict: "lost" } });
    expect(impact.zones[0]).toMatchObject({ down: 1 });
  });

  test("that serves by the word of the database counts for the majority, without the doubt of a silent agent", () => {
    const { majority } = impactOf(mixed(), new Set(["10.0.2.1:2886"]), "stop");
    expect(majority).toMatchObject({ verdict: "no-spare", doubts: ["in-sync"] });
  });

  test("is stopped by SQL in another zone, and stands in the way as any other does", () => {
    const topology = mixed({ state: "SERVICE_STOPPED", stoppedBySql: true });
    expect(reasonsOf(topology, ["10.0.2.1:2886"], "stop")).toContain("other-zone-stopped");
  });

  test("is no target of a run to the engine, which works on agents", () => {
    expect(inScope(mixed(), { type: "ZONE", target: ["zone1"] })).toEqual([A1, A2]);
    expect(inScope(mixed(), { type: "GLOBAL" })).not.toContain(BARE);
  });
});

describe("nothing is forecast from an agent that does not exist", () => {
  const facts: CheckFacts = { clusterVerdict: null, agentKey: { state: "known", since: "2026-01-01T00:00:00Z" } };
  const review = (topology: Topology, servers: string[], method: Method = "stop") => {
    const picked = new Set(servers);
    const impact = impactOf(topology, picked, method);
    const coordinator = impact.scope ? chooseCoordinator(topology, impact.scope, method, picked) : null;
    const planned = { action: "stop", method, impact, coordinator, facts, blockers: [], picked, records: [] } as const;
    return judgeChecks(topology, planned);
  };

  test("it is neither silent nor outside, and the counts are of the agents that there are", () => {
    const checks = new Map(review(mixed(), [A1, A2]).map((check) => [check.id, check]));
    expect(checks.get("agents-answer")).toMatchObject({ level: "ok", params: { count: 8 } });
    expect(checks.get("members")).toMatchObject({ level: "ok" });
    expect(checks.get("clocks-agree")).toMatchObject({ level: "ok" });
    const silent = withServer(mixed(), "10.0.3.1:2886", { agent: { answers: false } });
    expect(review(silent, [A1, A2]).find(({ id }) => id === "agents-answer")).toMatchObject({
      params: { count: 1, total: 8 },
      items: ["10.0.3.1:2886"],
    });
  });

  test("it is never chosen to send through, nor named as who was passed over", () => {
    let topology = exampleTopology(1, 3);
    for (const address of [A1, A2]) topology = withoutAgent(topology, address);
    const found = passedOver(topology, { type: "GLOBAL" }, "force");
    expect(found).toEqual({ silent: [], outside: [], database: [], able: [A3] });
    expect(chooseCoordinator(topology, { type: "GLOBAL" }, "force", new Set([A3]))?.address).toBe(A3);
  });
});

describe("a start beside servers without an agent", () => {
  const down = { state: "PROCESS_STOPPED", innerStatus: "INACTIVE", obState: 0 } as const;
  const stoppedZone = (change: Partial<Server>) => {
    let topology = mixed(change);
    for (const address of [A1, A2]) topology = withServer(topology, address, { state: "SERVICE_STOPPED" });
    const zones = topology.zones.map((zone) => (zone.name === "zone1" ? { ...zone, innerStatus: "INACTIVE" } : zone));
    return { ...topology, zones };
  };

  test("one that serves counts as serving, and one that is down does not", () => {
    const start = (change: Partial<Server>) => {
      const topology = withServer(mixed(change), A1, down);
      return startImpactOf(topology, new Set([A1]));
    };
    expect(start({})).toMatchObject({ stopping: 1, staying: 8, outOfReach: [], majority: { verdict: "kept" } });
    expect(start({ state: "NOT_REPORTED", innerStatus: "INACTIVE" })).toMatchObject({
      ...{ stopping: 1, staying: 7, outOfReach: [BARE], majority: { verdict: "no-spare" } },
    });
    expect(start({ state: "SERVICE_NOT_REPORTED" })).toMatchObject({ staying: 7, unclear: 1 });
  });

  test("one that only its zone has stopped comes back with the zone, one that was stopped by itself does not", () => {
    const picked = new Set([A1, A2]);
    const zone = { scope: { type: "ZONE", target: ["zone1"] } };
    const comes = startImpactOf(stoppedZone({ state: "SERVICE_STOPPED" }), picked);
    expect(comes).toMatchObject({ ...zone, stopping: 2, staying: 7, outOfReach: [], majority: { verdict: "kept" } });
    const stays = startImpactOf(stoppedZone({ state: "SERVICE_STOPPED", stoppedBySql: true }), picked);
    expect(stays).toMatchObject({ ...zone, staying: 6, outOfReach: [BARE], majority: { verdict: "no-spare" } });
  });

  test("a cluster whose agents are all down starts as one, unless a server without an agent serves", () => {
    const all = (change: Partial<Server>) => {
      let topology = mixed(change);
      const agents = topology.zones.flatMap((zone) => zone.servers).filter(({ agent }) => agent !== null);
      for (const { address } of agents) topology = withServer(topology, address, down);
      return startImpactOf(topology, new Set(agents.map(({ address }) => address))).scope?.type;
    };
    expect(all({ state: "NOT_REPORTED", innerStatus: "INACTIVE" })).toBe("GLOBAL");
    expect(all({})).toBe("SERVER");
  });
});
