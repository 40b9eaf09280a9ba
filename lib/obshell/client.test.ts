import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { isAppError, type AppError } from "../errors";
import { startSimulator, type Simulator, type SimulatorOptions } from "../simulator/cluster";
import { VERSIONS } from "../simulator/scenarios";
import { createAgentClient, type AgentClient } from "./client";
import type { Dag } from "./schema";
import { createTransport } from "./transport";
import { readBlockers } from "./wire/blockers";
import { readLogError } from "./wire/errors";
import { taskOwner } from "./wire/task-id";
import { supports, type Feature } from "./wire/version";

/** The client against whole simulated clusters, which open and judge requests with code of their own. */

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function play(options: Partial<SimulatorOptions> = {}) {
  const simulator = await startSimulator({ scenario: "medium", timeScale: 300, ...options });
  const transport = createTransport();
  closers.push(
    () => transport.close(),
    () => simulator.close(),
  );
  const addresses = simulator.agents.map((agent) => agent.address);
  const at = (index: number): string => addresses[index] ?? "";
  const clientAt = (index: number, password = simulator.password): AgentClient =>
    createAgentClient({ address: at(index), transport, password });
  return { simulator, addresses, at, clientAt, client: clientAt(0) };
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    (value) => new Error(`resolved: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw error;
  return error;
}

async function ended(client: AgentClient, id: string): Promise<Dag> {
  for (let tries = 0; tries < 400; tries += 1) {
    const dag = await client.dag(id);
    if (dag.state === "SUCCEED" || dag.state === "FAILED") return dag;
    await sleep(20);
  }
  throw new Error(`DAG ${id} does not end`);
}

const server = (...target: string[]) => ({ type: "SERVER" as const, target });
const zone = (...target: string[]) => ({ type: "ZONE" as const, target });
const writes = (simulator: Simulator, path: string) =>
  simulator.requests.filter((request) => request.method === "POST" && request.path === path);
const stopWrites = (simulator: Simulator) => writes(simulator, "/api/v1/ob/stop");

describe.each(VERSIONS)("against %s", (version) => {
  const has = (feature: Feature) => supports(version, feature);

  test("an agent says who it is, how it is and what time it has", async () => {
    const { client, at, simulator } = await play({ version });
    expect(await client.info()).toMatchObject({ address: at(0), zone: "zone1", identity: "CLUSTER AGENT", version });
    expect(await client.status()).toMatchObject({ address: at(0), state: 2, obState: 3, underMaintenance: false });
    simulator.setFault(at(0), { kind: "clock-skew", seconds: 7200 });
    expect(Math.abs((await client.clock()).skewMs - 7_200_000)).toBeLessThan(2_000);
    expect(await client.publicKey()).toMatch(/^MI?[A-Za-z0-9+/]+=*$|^ME[A-Za-z0-9+/]+=*$/);
  });

  test("the cluster has every server at the address of its own agent", async () => {
    const { client, simulator, addresses } = await play({ version });
    const cluster = await client.cluster();
    expect(cluster).toMatchObject({ name: simulator.cluster, fromDatabase: true });
    const servers = cluster.zones.flatMap((each) => each.servers);
    expect(servers.map(({ address, zone: at }) => ({ address, zone: at }))).toEqual(
      expect.arrayContaining(simulator.agents),
    );
    expect(servers).toHaveLength(addresses.length);
    expect(servers.every((each) => each.innerStatus === "ACTIVE")).toBe(true);
    expect((await client.agents()).sort()).toEqual([...addresses].sort());
    if (has("clusterInfo")) expect(cluster.tenants?.map((tenant) => tenant.name)).toContain("sys");
    else expect(cluster.tenants).toBeNull();
  });

  test("the cluster is still told while its database is down", async () => {
    const { client, addresses } = await play({ version, scenario: "db-down" });
    const cluster = await client.cluster();
    expect(cluster.fromDatabase).toBe(false);
    const found = cluster.zones.flatMap((each) => each.servers.map((one) => one.address));
    expect(found.sort()).toEqual([...addresses].sort());
  });

  test("a forced stop runs to its end and a start takes it back", async () => {
    const { client, clientAt, at, simulator } = await play({ version });
    const accepted = await client.stop({ scope: server(at(4)), mode: "force", forcePassDag: [] });
    expect(accepted).toMatchObject({ name: "Stop OB", state: "READY", endedAt: null, nodes: [] });
    expect(taskOwner(accepted.id)).toBe(at(0));
    const stopped = await ended(client, accepted.id);
    expect(stopped).toMatchObject({ state: "SUCCEED", stage: 5, maxStage: 5 });
    expect(stopped.endedAt).not.toBeNull();
    expect(Object.keys(stopped.subDags)).toHaveLength(9);
    expect((await clientAt(4).status()).obState).toBe(0);
    expect(stopWrites(simulator)).toHaveLength(1);

    const node = await client.node(stopped.nodes[0]?.id ?? "");
    expect(node.subTasks).toHaveLength(9);
    const subTask = await client.subTask(node.subTasks[0]?.id ?? "");
    expect(subTask.logs.length).toBeGreaterThan(0);
    const sub = await client.dag(stopped.subDags[at(4)] ?? "");
    expect(sub).toMatchObject({ name: "Stop observer", mainDagId: stopped.id, state: "SUCCEED", operator: "PASS" });
    expect(await clientAt(4).maintenanceDag()).toMatchObject({ id: sub.id });
    expect((await client.dag(stopped.id, { details: false })).nodes).toEqual([]);

    const started = await client.start({ scope: server(at(4)), forcePassDag: [] });
    expect((await ended(client, started.id)).state).toBe("SUCCEED");
    expect((await clientAt(4).status()).obState).toBe(3);
  });

  test("a graceful stop of a zone shows in the cluster", async () => {
    const { client } = await play({ version });
    const accepted = await client.stop({ scope: zone("zone2"), mode: "stop", forcePassDag: [] });
    expect((await ended(client, accepted.id)).state).toBe("SUCCEED");
    const stopped = (await client.cluster()).zones.find((each) => each.name === "zone2");
    if (has("clusterInfo")) expect(stopped?.innerStatus).toBe("INACTIVE");
  });

  test("a graceful stop of a server shows that SQL stopped it", async () => {
    const { client, at } = await play({ version });
    const accepted = await client.stop({ scope: server(at(5)), mode: "stop", forcePassDag: [] });
    expect((await ended(client, accepted.id)).state).toBe("SUCCEED");
    const servers = (await client.cluster()).zones.flatMap((each) => each.servers);
    const stopped = servers.find((each) => each.address === at(5));
    if (has("clusterInfo")) expect(stopped?.stoppedAt).not.toBeNull();
    else expect(stopped?.status).toBe("SERVICE_STOPPED");
  });

  test("refusals have their own kinds where the agent tells them apart", async () => {
    const { client, at } = await play({ version });
    const refused = async (scope: Parameters<AgentClient["stop"]>[0]["scope"]) => {
      const error = await failure(client.stop({ scope, mode: "stop", forcePassDag: [] }));
      expect(error.sent).toBeUndefined();
      expect(error.facts.agentMessage).not.toBe("");
      return error.kind;
    };
    const coded = has("stringCodes");
    expect(await refused({ type: "GLOBAL" })).toBe(coded ? "global-needs-mode" : "agent-refused");
    expect(await refused(zone("zone9"))).toBe(coded ? "target-unknown" : "agent-refused");
    expect(await refused(server("127.0.0.1:2000"))).toBe(coded ? "target-unknown" : "agent-refused");
    if (has("zoneStop")) expect(await refused(server(at(0), at(3)))).toBe("other-zone-stopped");
    expect(await failure(client.dag("20213070643399999"))).toMatchObject({ sent: undefined });
  });

  test("the stop of a zone by its own route", async () => {
    const { client } = await play({ version });
    const body = { freezeServer: true, forcePassDag: [] };
    if (!has("zoneStop")) {
      expect(await failure(client.zoneStopCheck("zone3"))).toMatchObject({ kind: "not-supported" });
      expect(await failure(client.zoneStop("zone3", body))).toMatchObject({ kind: "not-supported", sent: "no" });
      return;
    }
    await client.zoneStopCheck("zone3");
    expect(await failure(client.zoneStopCheck("zone9"))).toMatchObject({ kind: "target-unknown" });
    const dag = await ended(client, (await client.zoneStop("zone3", body)).id);
    expect(dag).toMatchObject({ state: "SUCCEED", maxStage: 7 });
  });

  test("a held lock names its holder, and passing that lets the stop through", async () => {
    const { client, clientAt, at } = await play({ version, scenario: "maintenance-held" });
    const stop = { scope: server(at(4)), mode: "force" as const };
    const blocked = await ended(client, (await client.stop({ ...stop, forcePassDag: [] })).id);
    expect(blocked).toMatchObject({ state: "FAILED", stage: 2 });
    const [inform, ready] = await Promise.all(blocked.nodes.slice(0, 2).map((node) => client.node(node.id)));
    const holders = readBlockers((inform?.subTasks ?? []).flatMap((task) => task.logs));
    expect(holders.length).toBeGreaterThan(0);
    const reason = (ready?.subTasks ?? [])
      .flatMap((task) => task.logs)
      .map(readLogError)
      .find(Boolean);
    if (has("stringCodes")) expect(reason?.kind).toBe("agents-not-ready");
    expect((await clientAt(4).maintenanceDag())?.mainDagId).toBe(holders[0]?.mainDagId);

    const passed = holders.flatMap((holder) => holder.mainDagId ?? []);
    const released = await ended(client, (await client.stop({ ...stop, forcePassDag: passed })).id);
    expect(released.state).toBe("SUCCEED");
  });

  test("what a fresh cluster has not got is empty, not an error", async () => {
    const { client, at, simulator } = await play({ version });
    for (const of of ["agent", "ob"] as const) expect(await client.unfinishedDags(of)).toEqual([]);
    expect(await client.clusterMaintenanceDag()).toBeNull();
    expect(await client.maintenanceDag()).toMatchObject({ name: "Take over", state: "SUCCEED" });
    simulator.setFault(at(0), { kind: "store-lost" });
    await expect.poll(() => client.maintenanceDag().catch(() => "restarting")).toBeNull();
    if (has("agentDags")) expect(await client.agentDags()).toEqual([]);
    else expect(await failure(client.agentDags())).toMatchObject({ kind: "not-supported" });
  });

  test("a cancelled stop can be cleared away by passing its sub DAGs", async () => {
    const { client, at, simulator } = await play({ version, timeScale: 20 });
    simulator.setFault(at(4), { kind: "kill-slow" });
    const { id } = await client.stop({ scope: server(at(4)), mode: "force", forcePassDag: [] });
    for (let dag = await client.dag(id); dag.stage < 4; dag = await client.dag(id)) await sleep(20);
    expect((await failure(client.operateDag(id, "RETRY"))).kind).toBe(
      has("stringCodes") ? "dag-operation-refused" : "agent-refused",
    );
    await client.operateDag(id, "CANCEL");
    const cancelled = await ended(client, id);
    expect(cancelled).toMatchObject({ state: "FAILED", operator: "CANCEL" });
    simulator.setFault(at(4), { kind: "kill-slow" }, false);
    for (const subId of Object.values(cancelled.subDags)) {
      const sub = await client.dag(subId);
      // It may end by itself between the look and the cancel.
      if (sub.state !== "FAILED" && sub.state !== "SUCCEED") await client.operateDag(subId, "CANCEL").catch(() => null);
      if ((await ended(client, subId)).state === "FAILED") await client.operateDag(subId, "PASS");
    }
    expect((await client.status()).underMaintenance).toBe(false);
  });

  test("a changed key is taken up by a write, which is carried out once", async () => {
    const { client, at, simulator } = await play({ version });
    await client.agents();
    simulator.setFault(at(0), { kind: "key-change" });
    const { id } = await client.stop({ scope: server(at(4)), mode: "force", forcePassDag: [] });
    expect((await ended(client, id)).state).toBe("SUCCEED");
    expect(stopWrites(simulator).map((request) => request.outcome)).toEqual([401, 200]);
  });

  test("a clock that is off by hours does not matter", async () => {
    const { client, simulator } = await play({ version });
    await client.agents();
    simulator.setFault("*", { kind: "clock-skew", seconds: 3 * 3600 });
    expect(await client.agents()).toHaveLength(9);
  });

  test("a wrong password is tried once", async () => {
    const { clientAt, simulator } = await play({ version });
    // Its own: an agent of an earlier test may have had the same port, and what it rejected is remembered.
    const client = clientAt(0, crypto.randomUUID());
    for (let tries = 0; tries < 3; tries += 1) {
      expect(await failure(client.agents())).toMatchObject({ kind: "password-rejected" });
    }
    expect(simulator.requests.filter((request) => request.path === "/api/v1/ob/agents")).toHaveLength(1);
  });

  test("a lost answer says maybe, and the stop was carried out once", async () => {
    const { client, at, simulator } = await play({ version });
    await client.agents();
    simulator.setFault(at(0), { kind: "lose-answer" });
    const stop = client.stop({ scope: server(at(4)), mode: "force", forcePassDag: [] }, { timeoutMs: 1_000 });
    expect(await failure(stop)).toMatchObject({ sent: "maybe" });
    await sleep(200);
    expect(stopWrites(simulator)).toHaveLength(1);
  });

  test.each([
    ["agent-down", "agent-unreachable", "maybe"], // this one accepts connections and destroys them
    ["silent", "agent-timeout", "maybe"],
    ["truncated", "answer-unreadable", "maybe"],
    ["garbage", "answer-unreadable", "maybe"],
  ] as const)("with %s a stop fails as %s and was sent: %s", async (kind, expected, sent) => {
    const { client, at, simulator } = await play({ version });
    await client.agents();
    simulator.setFault(at(0), { kind });
    expect(await failure(client.status({ timeoutMs: 500 }))).toMatchObject({ kind: expected, sent: undefined });
    const stop = client.stop({ scope: server(at(4)), mode: "force", forcePassDag: [] }, { timeoutMs: 500 });
    expect(await failure(stop)).toMatchObject({ kind: expected, sent });
  });
});

test("a password that was changed at the database is reported, not looped on", async () => {
  const { client, simulator } = await play();
  await client.agents();
  simulator.setFault("*", { kind: "wrong-password" });
  const errors = await Promise.all([1, 2, 3].map(() => failure(client.agents())));
  expect(errors.map((error) => error.kind)).toContain("password-rejected");
  const before = simulator.requests.length;
  expect(await failure(client.agents())).toMatchObject({ kind: "password-rejected" });
  expect(simulator.requests).toHaveLength(before);
});

test("a node that waits is passed at its own agent", async () => {
  const { clientAt } = await play({ scenario: "maintenance-held" });
  const owner = clientAt(3);
  const waiting = (await owner.maintenanceDag())?.nodes.find((node) => node.state === "FAILED");
  await owner.passNode(waiting?.id ?? "");
  expect(await owner.node(waiting?.id ?? "")).toMatchObject({ state: "SUCCEED", operator: "PASS" });
});
