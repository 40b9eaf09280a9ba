import { describe, expect, test } from "vitest";
import { exampleRun, exampleTopology, withServer } from "../clusters/testing/example-topology";
import type { AgentServer } from "../clusters/has-agent";
import type { Topology } from "../clusters/schema";
import { judgeChecks, type CheckFacts } from "./checks";
import { chooseCoordinator, chooseStarter } from "./coordinator";
import { impactOf, scopeOf } from "./impact";
import { stopCall } from "./plan-call";
import type { Check, Method } from "./schema";
import { startImpactOf } from "./start-impact";
import { seeded, smallCluster } from "./testing/small-clusters";
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
    work:
      run.state === "UNKNOWN" ? ("unknown" as const) : run.holdsMaintenance ? ("over" as const) : ("going" as const),
    chosen: chosen.includes(run.id),
  }));
  const planned = { action: "stop" as const, method, impact };
  const checks = judgeChecks(topology, { ...planned, coordinator, facts, blockers, picked, records: [] });
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
    ["members", "ok"],
    ["cluster-task", "ok"],
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

describe("what is known of every agent before anything is sent", () => {
  const at = "10.0.3.2:2886";
  const withAgent = (agent: Partial<AgentServer["agent"]>, topology = exampleTopology()) =>
    withServer(topology, at, { agent });

  test.each<[string, Partial<AgentServer["agent"]>, Check["level"]]>([
    ["changing", { identity: "TAKE OVER FOLLOWER" }, "warn"],
    ["changing", { identity: "SCALING OUT" }, "warn"],
    ["outside", { identity: "SINGLE" }, "warn"],
    ["starting", { state: 1 }, "warn"],
    ["versions", { version: "4.4.1.0" }, "info"],
  ])("%s: %o is said with the agent, %s", (message, agent, level) => {
    const check = review(withAgent(agent), zone2).check("members");
    expect(check).toMatchObject({ level, message });
    if (level === "warn") expect(check?.items).toEqual([at]);
  });

  test("an agent without a working database is named, and one that is silent is the other check's", () => {
    const down = withServer(exampleTopology(), at, { obState: 1 });
    expect(review(down, zone2).check("members")).toMatchObject({ level: "info", message: "database", items: [at] });
    const silent = withServer(exampleTopology(), at, { obState: null, agent: { answers: false, version: null } });
    expect(review(silent, zone2).check("members")).toMatchObject({ level: "ok" });
  });

  test("agents before 4.3.2.0 allow each other's clocks one second, later ones ten", () => {
    const apart = withAgent({ skewMs: 900 });
    expect(review(apart, zone2).check("clocks-agree")).toMatchObject({ level: "ok" });
    expect(review(withAgent({ skewMs: 900, version: "4.3.1.0" }), zone2).check("clocks-agree")).toMatchObject({
      level: "warn",
      params: { seconds: 0.9, limit: 1 },
    });
  });

  test("a clock that was not measured is not one that agrees", () => {
    expect(review(withAgent({ skewMs: null }), zone2).check("clocks-agree")).toMatchObject({
      level: "info",
      message: "partly",
      items: [at],
    });
  });

  test("a task of the cluster warns with its name and since when; without a database nobody can tell", () => {
    const task = { id: "11", name: "Scale out", state: "RUNNING", stage: 1, maxStage: 3 };
    const since = "2026-01-01T00:00:00Z";
    const topology = exampleTopology(3, 3, { clusterTasks: [{ ...task, startedAt: since }] });
    expect(review(topology, zone2).check("cluster-task")).toMatchObject({
      level: "warn",
      message: "since",
      params: { name: "Scale out", since },
    });
    const nobody = exampleTopology(3, 3, { clusterTasks: null });
    expect(review(nobody, zone2).check("cluster-task")).toMatchObject({ level: "info", message: "unknown" });
  });

  test("a leftover that nobody tells about may still be going: it is not called over, chosen or not", () => {
    const run = exampleRun({ state: "UNKNOWN", holdsMaintenance: true });
    const topology = exampleTopology(3, 3, { activeRuns: [run] });
    expect(review(topology, zone2).check("nobody-else")).toMatchObject({ level: "block", message: "choose-unknown" });
    expect(review(topology, zone2, "stop", NONE, [run.id]).check("nobody-else")).toMatchObject({
      level: "warn",
      message: "holds-unknown",
    });
    expect(review(topology, zone2, "stop", NONE, [run.id])).toMatchObject({
      tier: 3,
      reasons: ["warning-overridden"],
    });
  });

  test("sys without a majority takes Root Service with it, wherever its leader is", () => {
    const [sys, pay] = exampleTopology().tenants ?? [];
    if (!sys || !pay) throw new Error("the example has two tenants");
    const tenants = [{ ...sys, locality: "FULL{1}@zone2" }, pay];
    expect(review(exampleTopology(3, 3, { tenants }), zone2, "terminate").check("root-service")).toMatchObject({
      level: "info",
      message: "sys-lost",
    });
  });

  test("another stopped zone is refused under its own name, also for a flush of one whole zone", () => {
    const stopped = withServer(exampleTopology(), at, { state: "SERVICE_STOPPED", stoppedBySql: true });
    expect(review(stopped, zone2, "terminate").check("one-zone")).toMatchObject({
      level: "block",
      message: "other-stopped",
      items: ["zone3"],
    });
    const facts = {
      ...NONE,
      clusterVerdict: { ok: false as const, kind: "other-zone-stopped", code: "OB.Server.StoppedInMultiZone" },
    };
    const { check } = review(exampleTopology(), zone2, "stop", facts);
    expect(check("one-zone")).toMatchObject({ level: "block", message: "refused" });
    expect(check("majority")?.level).not.toBe("block");
  });
});

describe("a start needs enough servers for a database to come up (protocol §5.3)", () => {
  let down = exampleTopology(3, 1, { databaseReachable: false });
  for (const { address } of down.zones.flatMap((zone) => zone.servers))
    down = withServer(down, address, { state: "PROCESS_STOPPED", innerStatus: "", obState: 0 });
  const order = (servers: string[], topology = down) => {
    const picked = new Set(servers);
    const impact = startImpactOf(topology, picked);
    const coordinator = chooseStarter(topology, picked);
    const planned = { action: "start" as const, method: null, impact, coordinator, facts: NONE, blockers: [] };
    return judgeChecks(topology, { ...planned, picked, records: [] }).find(({ id }) => id === "start-order");
  };
  const [a, b, c] = ["10.0.1.1:2886", "10.0.2.1:2886", "10.0.3.1:2886"] as const;

  test("a minority waits in vain, and the rest is named; a majority may do; all together is fine", () => {
    expect(order([a])).toMatchObject({
      level: "warn",
      message: "minority",
      items: [b, c],
      params: { count: 1, total: 3 },
    });
    expect(order([a, b])).toMatchObject({ level: "info", message: "database" });
    expect(order([a, b, c])).toMatchObject({ level: "ok", message: "all" });
    expect(order([a], withServer(exampleTopology(3, 1), a, { state: "PROCESS_STOPPED" }))).toMatchObject({
      level: "ok",
      message: "ok",
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

  test("no zone, and nothing but a kill of servers or of all, ever goes to an agent without a database of its own", () => {
    const random = seeded(52);
    let sent = 0;
    for (let time = 0; time < 600; time += 1) {
      const { topology, picked } = smallCluster(random);
      for (const method of ["stop", "terminate", "force"] as const) {
        const scope = scopeOf(topology, picked);
        const coordinator = scope && chooseCoordinator(topology, scope, method, picked);
        if (!scope || !coordinator) continue;
        sent += 1;
        if (method !== "force" || scope.type === "ZONE") expect(coordinator.obState).toBe(3);
        const { call } = stopCall(scope, method, [], coordinator.agent.version);
        if (call === "zone-stop") expect(coordinator.obState).toBe(3);
      }
    }
    expect(sent).toBeGreaterThan(500);
  });

  test("with mixed versions a whole zone goes through an agent that checks it, even when that one is a target", () => {
    let topology = exampleTopology();
    for (const { address, zone } of topology.zones.flatMap(({ servers }) => servers))
      if (zone !== "zone2") topology = withServer(topology, address, { agent: { version: "4.3.1.0" } });
    const { coordinator, check } = review(topology, zone2, "terminate");
    expect(coordinator?.address).toBe("10.0.2.1:2886");
    expect(check("coordinator")).toMatchObject({ level: "info", message: "guard" });
  });

  test("why others were passed over is counted and named", () => {
    let topology = withServer(exampleTopology(3, 1), "10.0.2.1:2886", { agent: { answers: false } });
    topology = withServer(topology, "10.0.3.1:2886", { obState: 1 });
    expect(review(topology, ["10.0.2.1:2886"]).check("coordinator")).toMatchObject({
      level: "info",
      message: "only",
      params: { address: "10.0.1.1:2886", silent: 1, outside: 0, database: 1 },
      items: ["10.0.2.1:2886", "10.0.3.1:2886"],
    });
    topology = withServer(topology, "10.0.1.1:2886", { agent: { identity: "TAKE OVER MASTER" } });
    expect(review(topology, ["10.0.2.1:2886"]).check("coordinator")).toMatchObject({
      level: "block",
      message: "none",
      params: { silent: 1, outside: 1, database: 1 },
    });
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
