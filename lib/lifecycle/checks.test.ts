import { describe, expect, test } from "vitest";
import { exampleRun, exampleTopology, withServer } from "../clusters/testing/example-topology";
import type { Topology } from "../clusters/schema";
import { judgeChecks, type CheckFacts } from "./checks";
import { chooseCoordinator } from "./coordinator";
import { impactOf } from "./impact";
import type { Check, Method } from "./schema";
import { tierOf } from "./tier";

const NONE: CheckFacts = { clusterVerdict: null, agentKey: { state: "known", since: "2026-01-01T00:00:00Z" } };

function review(topology: Topology, servers: string[], method: Method = "stop", facts = NONE, chosen: string[] = []) {
  const picked = new Set(servers);
  const impact = impactOf(topology, picked, method);
  const coordinator = impact.scope ? chooseCoordinator(topology, impact.scope, method, picked) : null;
  const blockers = (topology.activeRuns ?? []).map((run) => ({
    ...run,
    since: null,
    agents: [],
    by: null,
    isGoing: !run.holdsMaintenance,
    chosen: chosen.includes(run.id),
  }));
  const planned = { action: "stop" as const, method, impact };
  const checks = judgeChecks(topology, { ...planned, coordinator, facts, blockers });
  const check = (id: Check["id"]) => checks.find((one) => one.id === id);
  return { impact, coordinator, checks, check, ...tierOf(topology.cluster.environment, { ...planned, checks }) };
}

const zone2 = ["10.0.2.1:2886", "10.0.2.2:2886", "10.0.2.3:2886"];

test("a routine stop of one TEST server passes every check, and asks for nothing", () => {
  const { checks, tier } = review(exampleTopology(), ["10.0.2.1:2886"]);
  expect(checks.map((check) => [check.id, check.level])).toEqual([
    ["fresh", "ok"],
    ["nobody-else", "ok"],
    ["agents-answer", "ok"],
    ["clocks-agree", "ok"],
    ["majority", "info"],
    ["one-zone", "ok"],
    ["root-service", "ok"],
    ["coordinator", "ok"],
    ["agent-key", "ok"],
  ]);
  expect(tier).toBe(1);
});

describe("pre-checks (ux §6)", () => {
  test("facts older than 15 s block", () => {
    expect(review(exampleTopology(3, 3, { ageMs: 15_600 }), zone2).check("fresh")).toMatchObject({
      level: "block",
      params: { seconds: 16 },
    });
  });

  test("a silent agent that is no target is named, warns, and raises the tier", () => {
    const topology = withServer(exampleTopology(), "10.0.3.2:2886", { agent: { answers: false } });
    const { check, tier, reasons } = review(topology, ["10.0.2.1:2886"]);
    expect(check("agents-answer")).toMatchObject({
      level: "warn",
      items: ["10.0.3.2:2886"],
      params: { count: 1, total: 9 },
    });
    expect(tier).toBe(3);
    expect(reasons).toContain("warning-overridden");
  });

  test("agents whose clocks differ by 8 s or more are both named", () => {
    const topology = withServer(exampleTopology(), "10.0.3.2:2886", { agent: { skewMs: 14_000 } });
    expect(review(topology, zone2).check("clocks-agree")).toMatchObject({
      level: "warn",
      params: { first: "10.0.3.2:2886", seconds: 14 },
    });
  });

  test("a run that is going blocks; a leftover wants a choice and then warns; a foreign lock blocks; 'could not ask' is not 'nothing there'", () => {
    const at = (run: ReturnType<typeof exampleRun>) => exampleTopology(3, 3, { activeRuns: [run] });
    const run = exampleRun();
    expect(review(at(run), zone2).check("nobody-else")).toMatchObject({ level: "block", message: "running" });
    const held = exampleRun({ state: "FAILED", holdsMaintenance: true });
    expect(review(at(held), zone2).check("nobody-else")).toMatchObject({ level: "block", message: "choose" });
    expect(review(at(held), zone2, "stop", NONE, [held.id]).check("nobody-else")).toMatchObject({
      level: "warn",
      message: "holds",
    });
    const foreign = exampleRun({ state: "FAILED", holdsMaintenance: true, releasable: false });
    expect(review(at(foreign), zone2).check("nobody-else")).toMatchObject({ level: "block", message: "foreign" });
    expect(review(exampleTopology(3, 3, { activeRuns: null }), zone2).check("nobody-else")).toMatchObject({
      level: "warn",
      message: "unknown",
    });
  });

  test("a changed agent key blocks", () => {
    const facts = { clusterVerdict: null, agentKey: { state: "changed" as const, since: "2026-01-01T00:00:00Z" } };
    expect(review(exampleTopology(), zone2, "stop", facts).check("agent-key")).toMatchObject({
      level: "block",
      message: "changed",
    });
  });

  test("what the cluster itself refuses, the console refuses with its code", () => {
    const facts = {
      ...NONE,
      clusterVerdict: { ok: false as const, kind: "majority-lost", code: "OB.Cluster.Tenant.Replica.Invalid" },
    };
    expect(review(exampleTopology(), zone2, "stop", facts).check("majority")).toMatchObject({
      level: "block",
      message: "refused",
    });
  });

  test("only a service stop is held to one zone", () => {
    const two = ["10.0.1.1:2886", "10.0.2.1:2886"];
    expect(review(exampleTopology(), two).check("one-zone")).toMatchObject({
      level: "block",
      message: "spans",
      items: ["zone1", "zone2"],
    });
    expect(review(exampleTopology(), two, "terminate").check("one-zone")).toMatchObject({
      level: "ok",
      message: "not-needed",
    });
  });

  test("the Root Service server among the targets is said, not blocked", () => {
    expect(review(exampleTopology(), ["10.0.1.1:2886"]).check("root-service")).toMatchObject({
      level: "info",
      params: { address: "10.0.1.1:2886" },
    });
  });
});

describe("the agent that a stop goes out through (ux E-6, E-11)", () => {
  test("it is healthy and no target", () => {
    expect(review(exampleTopology(), ["10.0.1.1:2886"]).coordinator?.address).toBe("10.0.1.2:2886");
  });

  test("a target is taken when nobody else is healthy, and that is said", () => {
    let topology = exampleTopology(3, 1);
    for (const address of ["10.0.2.1:2886", "10.0.3.1:2886"])
      topology = withServer(topology, address, { obState: 1, state: "UNAVAILABLE" });
    const { coordinator, check } = review(topology, ["10.0.1.1:2886"]);
    expect(coordinator?.address).toBe("10.0.1.1:2886");
    expect(check("coordinator")).toMatchObject({ level: "info", message: "target" });
  });

  test("without any database only Force finds an agent, and zones become servers", () => {
    let topology = exampleTopology(3, 3, { databaseReachable: false });
    for (const server of topology.zones.flatMap((zone) => zone.servers))
      topology = withServer(topology, server.address, { obState: 1 });
    expect(review(topology, zone2, "terminate").check("coordinator")).toMatchObject({
      level: "block",
      message: "none",
    });
    const forced = review(topology, zone2, "force");
    expect(forced.impact.scope).toEqual({ type: "SERVER", target: zone2 });
    expect(forced.check("coordinator")).toMatchObject({ level: "info", message: "database" });
  });
});

describe("risk tiers (ux C-6)", () => {
  const production = exampleTopology(3, 3, { cluster: { id: "c1", name: "core", environment: "PROD" } });
  test("production asks for a reason, Force in production for the name as well", () => {
    expect(review(production, ["10.0.2.1:2886"])).toMatchObject({ tier: 2, reasons: ["production"] });
    expect(review(production, ["10.0.2.1:2886"], "force")).toMatchObject({ tier: 3, reasons: ["force-production"] });
  });
  test("an unlabelled cluster is treated as production", () => {
    const unlabelled = exampleTopology(3, 3, { cluster: { id: "c1", name: "core", environment: "UNLABELLED" } });
    expect(review(unlabelled, ["10.0.2.1:2886"]).tier).toBe(2);
  });
  test("Force outside production with the majority kept asks for a reason", () => {
    expect(review(exampleTopology(), ["10.0.2.1:2886"], "force")).toMatchObject({ tier: 2, reasons: ["force"] });
  });
  test("a lost or unknown majority, more than half of the servers and the whole cluster are critical", () => {
    expect(review(exampleTopology(), ["10.0.1.1:2886", "10.0.2.1:2886"], "terminate").reasons).toContain(
      "majority-lost",
    );
    expect(review(exampleTopology(3, 3, { tenants: null }), ["10.0.2.1:2886"]).reasons).toContain("majority-unknown");
    const all = exampleTopology().zones.flatMap((zone) => zone.servers.map((server) => server.address));
    expect(review(exampleTopology(), all, "terminate").reasons).toEqual(
      expect.arrayContaining(["whole-cluster", "more-than-half"]),
    );
  });
});
