import { afterEach, describe, expect, test } from "vitest";
import { startSimulator, type Simulator, type SimulatorOptions } from "./cluster";
import { createTestClient, follow, type TestClient, type WireDag } from "./test-client";

let simulator: Simulator | null = null;
afterEach(async () => {
  await simulator?.close();
  simulator = null;
});

/** A cluster, a client of its first agent, and the agents' addresses by zone. */
async function play(options: Partial<SimulatorOptions> = {}) {
  const started = await startSimulator({ scenario: "medium", timeScale: 300, ...options });
  simulator = started;
  const addresses = started.agents.map((agent) => agent.address);
  const at = (index: number): string => addresses[index] ?? "";
  const clientAt = (index: number): TestClient => createTestClient(at(index), started.password);
  return { simulator: started, at, clientAt, client: clientAt(0) };
}

const server = (...target: string[]) => ({ type: "SERVER", target });
const zone = (...target: string[]) => ({ type: "ZONE", target });

async function run(client: TestClient, path: string, body: unknown): Promise<{ dag: WireDag; seen: string[] }> {
  const accepted = await client.post(path, body);
  expect(accepted.json.error).toBeUndefined();
  expect(accepted.json.data).toMatchObject({ state: "READY", stage: 1, nodes: null, additional_data: null });
  return follow(client, accepted.json.data?.id ?? "");
}

const namesOf = (dag: WireDag): string[] => (dag.nodes ?? []).map((node) => node.name);
const lastLine = (dag: WireDag): string =>
  (dag.nodes ?? [])
    .find((node) => node.state === "FAILED")
    ?.sub_tasks.find((task) => task.state === "FAILED")
    ?.task_logs?.at(-1) ?? "";

const INFORM = "Inform all agents to prepare to stop observer";
const READY = "Make sure all agents are ready";
const FREEZE = "Minor freeze before stop server";
const SQL = "Execute stop sql";
const ADVANCE = "Advance agents to execute the task";
const WAIT = "Wait for all agents to execute tasks successfully";
const END = "Inform all agents to end the task";

interface TopologyServer {
  obshell_port: number;
  status: string;
  inner_status: string;
  ob_status: number;
  stop_time: string;
  local_task_id?: string;
}
interface TopologyZone {
  name: string;
  status: string;
  inner_status: string;
  local_task_id?: string;
  servers: TopologyServer[];
}

async function topology(
  client: TestClient,
): Promise<{ zones: TopologyZone[]; server(address: string): TopologyServer }> {
  const { json } = await client.get("/obcluster/topology/info");
  const { zones } = json.data as unknown as { zones: TopologyZone[] };
  return {
    zones,
    server(address) {
      const found = zones.flatMap((it) => it.servers).find((it) => address.endsWith(`:${it.obshell_port}`));
      if (!found) throw new Error(`no server of ${address}`);
      return found;
    },
  };
}

describe("the stages of each stop variant", () => {
  test.each([
    ["graceful", "/ob/stop", { scope: zone("zone2") }, [INFORM, READY, ADVANCE, WAIT, SQL, END]],
    ["force", "/ob/stop", { scope: zone("zone2"), force: true }, [INFORM, READY, ADVANCE, WAIT, END]],
    ["terminate", "/ob/stop", { scope: zone("zone2"), terminate: true }, [INFORM, READY, FREEZE, ADVANCE, WAIT, END]],
    ["zone endpoint", "/ob/zone/zone2/stop", undefined, [INFORM, READY, SQL, ADVANCE, WAIT, END]],
    [
      "zone endpoint with freeze",
      "/ob/zone/zone2/stop",
      { freeze_server: true },
      [INFORM, READY, SQL, FREEZE, ADVANCE, WAIT, END],
    ],
  ])("a %s stop runs its own plan through to SUCCEED", async (_name, path, body, names) => {
    const { client } = await play();
    const { dag, seen } = await run(client, path, body);
    expect(namesOf(dag)).toEqual(names);
    expect(dag).toMatchObject({ name: "Stop OB", state: "SUCCEED", stage: names.length, max_stage: names.length });
    expect(dag.nodes?.map((node) => node.sub_tasks.length)).toEqual(
      names.map((name) => (name === INFORM || name === WAIT ? 9 : 1)),
    );
    expect(seen.filter((at) => !seen.includes(at.replace("READY", "RUNNING")) && at.startsWith("FAILED"))).toEqual([]);
  });

  test("a start of a zone ends with Start Zone, a start of a server does not", async () => {
    const { client, at } = await play();
    const START = "Inform all agents to start observer";
    expect(namesOf((await run(client, "/ob/start", { scope: zone("zone2") })).dag)).toEqual([
      START,
      READY,
      ADVANCE,
      WAIT,
      "Start Zone",
      END,
    ]);
    expect(namesOf((await run(client, "/ob/start", { scope: server(at(3)) })).dag)).toHaveLength(5);
  });
});

describe("an agent's own part", () => {
  test("it waits in FAILED, is retried, kills, waits again and is passed at its good stage", async () => {
    const { client, clientAt, at } = await play({ timeScale: 40 });
    const target = clientAt(4);
    const accepted = await client.post("/ob/stop", { scope: server(at(4)), force: true });
    const seen: string[] = [];
    let locked = false;
    for (;;) {
      const { json } = await target.get("/task/dag/maintain/agent");
      const status = await target.get("/status", { rawHeader: null });
      const { data: sub } = json;
      if (sub?.state) {
        if (sub.state !== "SUCCEED" && status.json.data?.underMaintenance === true) locked = true;
        const now = `${sub.state}/${sub.stage}`;
        if (seen.at(-1) !== now) seen.push(now);
        if (sub.state === "SUCCEED") break;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(seen).toEqual(
      expect.arrayContaining(["READY/1", "FAILED/1", "RUNNING/1", "RUNNING/2", "FAILED/3", "SUCCEED/3"]),
    );
    expect(locked).toBe(true);
    const { dag: main } = await follow(client, accepted.json.data?.id ?? "");
    const { json } = await client.get(`/task/dag/${main.additional_data?.sub_dags?.[at(4)]}`);
    expect(json.data).toMatchObject({ operator: "PASS", additional_data: { main_dag_id: main.id } });
    expect(json.data?.nodes?.map((node) => node.name)).toEqual([
      "Start preparations",
      "Stop observer",
      "Wait for task to end",
    ]);
    expect(json.data?.nodes?.[0]).toMatchObject({ operator: "RETRY", sub_tasks: [{ execute_times: 3 }] });
    expect(Object.keys(main.additional_data?.sub_dags ?? {})).toHaveLength(9);
    const after = await target.get("/status", { rawHeader: null });
    expect(after.json.data?.underMaintenance).toBe(false);
  });

  test("agents that are no target, and all of them in a graceful stop, have two stages", async () => {
    const { client, at } = await play();
    const { dag } = await run(client, "/ob/stop", { scope: server(at(4)) });
    for (const id of Object.values(dag.additional_data?.sub_dags ?? {})) {
      const { json } = await client.get(`/task/dag/${id}`);
      expect(json.data).toMatchObject({ stage: 2, max_stage: 2, state: "SUCCEED" });
    }
  });
});

describe("what a stop does to the topology", () => {
  test("a graceful stop of a server sets stop_time and leaves the process alive; a start takes it back", async () => {
    const { client, at } = await play();
    await run(client, "/ob/stop", { scope: server(at(4)) });
    expect((await topology(client)).server(at(4))).toMatchObject({
      status: "SERVICE_STOPPED",
      inner_status: "ACTIVE",
      ob_status: 3,
    });
    await run(client, "/ob/start", { scope: server(at(4)) });
    expect((await topology(client)).server(at(4))).toMatchObject({
      status: "RUNNING",
      stop_time: "0001-01-01T00:00:00Z",
    });
  });

  test("a graceful stop of a zone makes the zone INACTIVE, and starting one of its servers does not bring it back", async () => {
    const { client, at } = await play();
    await run(client, "/ob/stop", { scope: zone("zone2") });
    const zoneNow = async () => (await topology(client)).zones.find((it) => it.name === "zone2");
    expect(await zoneNow()).toMatchObject({ status: "STOPPED", inner_status: "INACTIVE" });
    await run(client, "/ob/start", { scope: server(at(3)) });
    expect(await zoneNow()).toMatchObject({ inner_status: "INACTIVE" });
    await run(client, "/ob/start", { scope: zone("zone2") });
    expect(await zoneNow()).toMatchObject({ status: "RUNNING", inner_status: "ACTIVE" });
  });

  test("a forced stop kills, and a start brings the process back", async () => {
    const { client, at } = await play();
    await run(client, "/ob/stop", { scope: server(at(4)), force: true });
    expect((await topology(client)).server(at(4))).toMatchObject({ ob_status: 0, status: "PROCESS_STOPPED" });
    await run(client, "/ob/start", { scope: server(at(4)) });
    expect((await topology(client)).server(at(4))).toMatchObject({ ob_status: 3, status: "RUNNING" });
  });

  test("the database notices a dead process only after its lease", async () => {
    const { client, at, simulator: sim } = await play({ timeScale: 50 });
    sim.setObserver(at(4), "process-stopped");
    expect((await topology(client)).server(at(4))).toMatchObject({ ob_status: 0, inner_status: "ACTIVE" });
    await expect.poll(async () => (await topology(client)).server(at(4)).inner_status).toBe("INACTIVE");
  });

  test("the zone endpoint stops the zone and its processes", async () => {
    const { client } = await play();
    await run(client, "/ob/zone/zone2/stop", undefined);
    const found = (await topology(client)).zones.find((it) => it.name === "zone2");
    expect(found?.inner_status).toBe("INACTIVE");
    expect(found?.servers.map((it) => it.ob_status)).toEqual([0, 0, 0]);
  });

  test("while a stop runs its targets show it, with the id of the main DAG", async () => {
    const { client, at } = await play({ timeScale: 40 });
    const { json } = await client.post("/ob/stop", { scope: server(at(4)), force: true });
    await expect.poll(async () => (await topology(client)).server(at(4)).status).toBe("PROCESS_STOPPING");
    expect((await topology(client)).server(at(4)).local_task_id).toBe(json.data?.id);
    await follow(client, json.data?.id ?? "");
    expect((await topology(client)).server(at(4)).local_task_id).toBeUndefined();
  });

  test("after a stop of the whole cluster agents answer in degraded mode and a global start brings it back", async () => {
    const { client, at } = await play();
    await run(client, "/ob/stop", { scope: { type: "GLOBAL" }, force: true });
    const degraded = await client.get("/obcluster/info");
    expect(degraded.json.data).toMatchObject({ status: "NOT RUNNING", tenants: null });
    expect((await topology(client)).zones[0]).toMatchObject({ status: "UNKNOWN", inner_status: "" });
    const { dag } = await run(client, "/ob/start", { scope: { type: "GLOBAL" } });
    expect(dag.state).toBe("SUCCEED");
    expect((await topology(client)).server(at(8)).status).toBe("RUNNING");
  });
});

describe("failures", () => {
  test("a dead agent fails every stop at stage 2, though it is not a target, and leaves no lock", async () => {
    const { client, at } = await play({ scenario: "agent-dead" });
    const { dag } = await run(client, "/ob/stop", { scope: server(at(4)), force: true });
    expect(dag).toMatchObject({ state: "FAILED", stage: 2 });
    expect(dag.nodes?.[0]?.state).toBe("SUCCEED");
    expect(lastLine(dag)).toMatch(/^ERROR: \[Task\.SubDag\.NotAllCreated\]: .*\[127\.0\.0\.1:\d+\]$/);
    expect(dag.nodes?.[0]?.sub_tasks[8]?.task_logs?.filter((line) => line.includes("connection refused"))).toHaveLength(
      3,
    );
    const held = await client.get("/task/dag/agent/main_dags");
    expect(held.json.data?.contents).toBeNull();
    expect((await topology(client)).server(at(4)).status).toBe("RUNNING");
  });

  test("a kill that fails 15 times ends in NotAllSucceed at the last stage, with all sub DAGs passed", async () => {
    const { client, at } = await play({ scenario: "one-fails", timeScale: 1_000 });
    const { dag } = await run(client, "/ob/stop", { scope: zone("zone2"), force: true });
    expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
    expect(lastLine(dag)).toContain(
      `[Task.SubDag.NotAllSucceed]: check sub dag succeed failed: not all agents succeed: [${at(4)}]`,
    );
    const logs = dag.nodes?.[3]?.sub_tasks[4]?.task_logs ?? [];
    expect(logs.filter((line) => line.startsWith("Stop observer: Kill observer process"))).toHaveLength(15);
    expect(logs.some((line) => line.includes("[OB.Cluster.AsyncOperationTimeout]"))).toBe(true);
    expect((await client.get("/task/dag/agent/main_dags")).json.data?.contents).toBeNull();
  });

  test("a statement the database refuses fails Execute stop sql and passes the sub DAGs", async () => {
    const { client, at } = await play({ scenario: "one-fails" });
    const { dag } = await run(client, "/ob/stop", { scope: server(at(4)) });
    expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
    expect(lastLine(dag)).toMatch(/^ERROR: \[MySQL\.Error\]: Error 4012/);
    expect((await client.get("/task/dag/agent/main_dags")).json.data?.contents).toBeNull();
  });

  test("a freeze that never ends keeps all locks; the main DAG can be retried, which counts two executions", async () => {
    const { client, at, simulator: sim } = await play({ timeScale: 600 });
    sim.setFault(at(4), { kind: "freeze-timeout" });
    const { dag } = await run(client, "/ob/stop", { scope: server(at(4)), terminate: true });
    expect(dag).toMatchObject({ state: "FAILED", stage: 3 });
    expect(lastLine(dag)).toContain("[OB.Cluster.MinorFreezeTimeout]");
    expect((await client.get("/task/dag/agent/main_dags")).json.data?.contents).toHaveLength(1);
    expect((await client.post(`/task/dag/${dag.id}`, { operator: "PASS" })).json.error?.errCode).toBe(
      "Task.Dag.Operator.PassNotAllowed",
    );
    sim.clearFaults();
    await client.post(`/task/dag/${dag.id}`, { operator: "retry" });
    const { dag: retried } = await follow(client, dag.id);
    expect(retried.state).toBe("SUCCEED");
    expect(retried.nodes?.[2]?.sub_tasks[0]?.execute_times).toBe(3);
  });

  test("a freeze that lost its database can be passed by its node, and the stop goes on", async () => {
    const { client, at, simulator: sim } = await play({ timeScale: 100 });
    const { json } = await client.post("/ob/stop", { scope: server(at(4)), terminate: true });
    const id = json.data?.id ?? "";
    await expect.poll(async () => (await client.get(`/task/dag/${id}`)).json.data?.stage, { interval: 2 }).toBe(3);
    sim.setFault(at(0), { kind: "database-down" });
    const { dag } = await follow(client, id);
    expect(dag).toMatchObject({ state: "FAILED", stage: 3 });
    expect((await client.post(`/task/node/${dag.nodes?.[2]?.id}`, { operator: "PASS" })).status).toBe(200);
    const { dag: passed } = await follow(client, id);
    expect(passed).toMatchObject({ state: "SUCCEED", stage: 6 });
    expect(passed.nodes?.[2]).toMatchObject({ state: "SUCCEED", operator: "PASS" });
  });

  test("an agent 14 s ahead refuses its peers as expired, unless the password is empty", async () => {
    const first = await play({ scenario: "clock-skew" });
    const { dag } = await run(first.client, "/ob/stop", { scope: server(first.at(4)), force: true });
    expect(dag.nodes?.[0]?.sub_tasks[8]?.task_logs?.[1]).toContain("expired");
    expect(dag).toMatchObject({ state: "FAILED", stage: 2 });
    await first.simulator.close();
    const second = await play({ scenario: "clock-skew", password: "" });
    expect((await run(second.client, "/ob/stop", { scope: server(second.at(4)), force: true })).dag.state).toBe(
      "SUCCEED",
    );
  });

  test("a host that goes silent during Wait fails the DAG at the Wait node and leaves all locks", async () => {
    const { client, at, simulator: sim } = await play({ timeScale: 2_000 });
    sim.setFault(at(8), { kind: "kill-slow" });
    const { json } = await client.post("/ob/stop", { scope: server(at(8)), force: true });
    const id = json.data?.id ?? "";
    await expect.poll(async () => (await client.get(`/task/dag/${id}`)).json.data?.stage, { interval: 2 }).toBe(4);
    sim.setFault(at(8), { kind: "silent" });
    const { dag } = await follow(client, id);
    expect(dag).toMatchObject({ state: "FAILED", stage: 4 });
    expect(lastLine(dag)).toContain("timeout");
    sim.clearFaults();
    expect((await client.get("/task/dag/unfinish")).json.data?.contents).toHaveLength(9);
  });
});
