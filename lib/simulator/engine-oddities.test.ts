import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { follow, type TestClient, type WireDag } from "./test-client";
import { play, run, servers, stageOf, zones } from "./test-cluster";

const refusal = async (asked: ReturnType<TestClient["get"]>) => {
  const { status, json } = await asked;
  return [status, json.error?.errCode, json.error?.code];
};
const logsOf = (dag: WireDag, stage: number, task = 0): string[] =>
  dag.nodes?.[stage]?.sub_tasks[task]?.task_logs ?? [];

describe("what is left of RETRY and CANCEL (F3)", () => {
  test("a cancelled step says so in its log, without ERROR, and not in its operator", async () => {
    const { client, at, simulator: sim } = await play({ timeScale: 50 });
    sim.setFault(at(4), { kind: "kill-slow" });
    const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
    const id = json.data?.id ?? "";
    await expect.poll(() => stageOf(client, id), { interval: 2 }).toBe(4);
    const started = (await client.get(`/task/dag/${id}`)).json.data?.start_time;
    await expect
      .poll(async () => (await client.get(`/task/dag/${id}`)).json.data?.nodes?.[3]?.sub_tasks[4]?.state)
      .toBe("RUNNING");
    expect((await client.post(`/task/dag/${id}`, { operator: "CANCEL" })).status).toBe(200);
    const { dag } = await follow(client, id);
    expect([dag.state, dag.operator]).toEqual(["FAILED", "CANCEL"]);
    const [node] = dag.nodes?.slice(3) ?? [];
    expect([node?.state, node?.operator]).toEqual(["FAILED", "CANCEL"]);
    expect(new Set(dag.nodes?.flatMap(({ sub_tasks }) => sub_tasks.map(({ operator }) => operator)))).toEqual(
      new Set(["RUN"]),
    );
    expect(node?.sub_tasks[4]).toMatchObject({ state: "FAILED", execute_times: 1 });
    expect(logsOf(dag, 3, 4).at(-1)).toBe("sub task cancelled");
    expect(Date.parse(dag.start_time)).toBeGreaterThan(Date.parse(started ?? ""));
  });

  test(
    "a retried step is rolled back first: its time counts, its lines vanish meanwhile, its operator is RUN again",
    { timeout: 30_000 },
    async () => {
      const { client, at, simulator: sim } = await play({ timeScale: 5 });
      sim.setFault(at(4), { kind: "freeze-error" });
      const failed = await run(client, "/ob/zone/zone2/stop", { freeze_server: true });
      expect(failed.dag).toMatchObject({ state: "FAILED", stage: 4 });
      expect(logsOf(failed.dag, 3).at(-1)).toBe(
        "ERROR: [MySQL.Error]: MySQL error: minor freeze failed: Error 4023 (HY000): minor freeze: try again",
      );
      sim.clearFaults();
      await client.post(`/task/dag/${failed.dag.id}`, { operator: "RETRY" });
      const seen = new Set<string>();
      const look = async () => {
        const task = (await client.get(`/task/dag/${failed.dag.id}`)).json.data?.nodes?.[3]?.sub_tasks[0];
        seen.add(`${task?.operator} ${task?.state} ${task?.execute_times}`);
        return task?.execute_times;
      };
      await expect.poll(look, { interval: 2 }).toBe(3);
      expect([...seen]).toContain("ROLLBACK SUCCEED 2");
      const { dag } = await follow(client, failed.dag.id);
      expect(dag).toMatchObject({ state: "SUCCEED", operator: "RUN" });
      expect(dag.nodes?.[3]).toMatchObject({ operator: "RETRY", state: "SUCCEED" });
      expect(dag.nodes?.[3]?.sub_tasks[0]).toMatchObject({ operator: "RUN", execute_times: 3 });
      expect(Date.parse(dag.start_time)).toBeGreaterThan(Date.parse(failed.dag.end_time));
    },
  );

  test("a step that was never begun stays PENDING in a cancelled node", async () => {
    const { client, at, simulator: sim } = await play({ scenario: "large", timeScale: 50 });
    sim.setFault("*", { kind: "stage-held", stage: "create" });
    const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
    const id = json.data?.id ?? "";
    const states = async () => {
      const tasks = (await client.get(`/task/dag/${id}`)).json.data?.nodes?.[1]?.sub_tasks ?? [];
      return tasks.map(({ state }) => state);
    };
    await client.post(`/task/dag/${id}`, { operator: "CANCEL" });
    const { dag } = await follow(client, id);
    expect(dag).toMatchObject({ state: "FAILED", operator: "CANCEL", stage: 1 });
    expect(await states()).toEqual(["PENDING"]);
  });

  test("lines are the engine's: the end says it twice, the SQL of a zone has two, a start of one has one", async () => {
    const { client } = await play();
    const stopped = await run(client, "/ob/stop", { scope: zones("zone2") });
    expect(logsOf(stopped.dag, 4)).toEqual(["Stop Zone", "zone2 stopped"]);
    expect(logsOf(stopped.dag, 5).slice(0, 2)).toEqual(["Check the final result: SUCCEED!", "End all tasks"]);
    expect(logsOf(stopped.dag, 3, 4).filter((line) => line.includes("ERROR"))).toEqual([]);
    expect(logsOf(stopped.dag, 3, 4)).toContain("Wait for task to end: wait operator to advance");
    const started = await run(client, "/ob/start", { scope: zones("zone2") });
    expect(logsOf(started.dag, 4)).toEqual(["start zone"]);
  });

  test("a node that was passed lets the DAG go on by itself, and ends it where it was the last", async () => {
    const { client, at, simulator: sim } = await play();
    sim.setFault(at(4), { kind: "freeze-error" });
    const { dag } = await run(client, "/ob/zone/zone2/stop", { freeze_server: true });
    const node = dag.nodes?.[3];
    expect((await client.post(`/task/node/${node?.id}`, { operator: "PASS" })).status).toBe(200);
    const passed = (await follow(client, dag.id)).dag;
    expect(passed).toMatchObject({ state: "SUCCEED", operator: "RUN", stage: 7 });
    expect(passed.nodes?.[3]).toMatchObject({ operator: "PASS", state: "SUCCEED" });
    expect(passed.nodes?.[3]?.sub_tasks[0]?.operator).toBe("PASS");
  });
});

test("every agent holds the finished task by which it came into the cluster (F4)", async () => {
  const { client, clientAt, at, simulator: sim } = await play({ scenario: "small" });
  expect((await client.get("/task/dag/maintain/agent")).json.data).toMatchObject({
    name: "Take over",
    state: "SUCCEED",
    maintenance_type: 2,
  });
  expect((await clientAt(2).get("/task/dag/maintain/agent")).json.data).toMatchObject({
    name: "Synchronize agent from cluster",
    state: "SUCCEED",
  });
  expect((await client.get("/task/dag/maintain/agents")).json.data?.contents?.map(({ name }) => name)).toEqual([
    "Take over",
    "Synchronize agent from cluster",
    "Synchronize agent from cluster",
  ]);
  expect((await client.get("/task/dags/agent")).json.data?.contents).toHaveLength(1);
  sim.setFault(at(0), { kind: "store-lost" });
  const retry = () => client.get("/task/dag/maintain/agents").catch(() => client.get("/task/dag/maintain/agents"));
  expect((await retry()).status).toBe(500);
  expect((await client.get("/task/dag/maintain/agent")).json.error?.errCode).toBe("Task.NotFound");
});

describe("what the cluster-wide answer holds (F5)", () => {
  const keysOf = (value: unknown): string[] => Object.keys(value as object).toSorted();

  test("tenants tell how they are set up; servers how full their disks are", async () => {
    const { client } = await play({ scenario: "small" });
    const { data } = (await client.get("/obcluster/info")).json;
    const [tenant] = data?.["tenants"] as Record<string, unknown>[];
    expect(keysOf(tenant)).toEqual(
      [
        ...["charset", "collation", "comment", "connection_strings", "created_time", "dead_lock_detection_enabled"],
        ...["in_recyclebin", "locality", "locked", "lower_case_table_names", "mode", "pools", "primary_zone"],
        ...["read_only", "status", "tenant_id", "tenant_name", "time_zone", "whitelist"],
      ].toSorted(),
    );
    const { stats } = (await client.get("/observer/info")).json.data as { stats: Record<string, unknown> };
    expect(stats).toMatchObject({
      disk_used: "",
      disk_in_bytes_free: 0,
      disk_used_percent: 0,
      ip: "",
      port: 0,
      zone: "",
    });
  });

  test("without a database there is what the agent knows itself, the rest empty or zero", async () => {
    const { client, simulator: sim } = await play({ scenario: "agentless-server" });
    sim.setFault("*", { kind: "database-down" });
    const { data } = (await client.get("/obcluster/info")).json;
    expect(data).toMatchObject({ ob_version: "", is_community_edition: false, tenants: null, tenant_stats: null });
    expect(data).toMatchObject({ stats: { memory_total: "", cpu_core_total: 0 } });
    const zone = (data?.["zones"] as { name: string; servers: Record<string, unknown>[] }[]).find(
      ({ name }) => name === "zone2",
    );
    expect(zone).toMatchObject({
      region_name: "",
      idc_name: "",
      inner_status: "",
      root_server: { ip: "", role: "", zone: "", svr_port: 0 },
    });
    expect(zone?.servers).toHaveLength(1);
    expect(zone?.servers[0]).toMatchObject({
      id: 0,
      version: "",
      with_rootserver: false,
      stats: { disk_used: "", ip: "" },
    });
  });
});

test("a refusal over authentication, body, scope or target carries no data; one over mode or state a null (F6)", async () => {
  const { client, at } = await play({ scenario: "small" });
  const dataOf = async (body: unknown, change = {}) => {
    const { json } = await client.post("/ob/stop", body, change);
    return "data" in json ? json.data : "none";
  };
  expect(await dataOf({ scope: servers(at(0)) }, { password: "no" })).toBe("none");
  expect(await dataOf({ scope: "all" })).toBe("none");
  expect(await dataOf({ scope: { type: "HOST" } })).toBe("none");
  expect(await dataOf({ scope: servers("127.0.0.1:1030") })).toBe("none");
  expect(await dataOf({ scope: { type: "GLOBAL" } })).toBeNull();
  expect(await dataOf({ scope: zones("zone1", "zone2") })).toBeNull();
});

test("without a database the list of the cluster's open tasks is an error beside a null (F7)", async () => {
  const { client, simulator: sim } = await play({ scenario: "small" });
  sim.setFault("*", { kind: "database-down" });
  const { status, json } = await client.get("/task/dag/ob/unfinish");
  expect([status, json.data]).toEqual([500, null]);
  expect((await client.get("/task/dags/ob")).json).not.toHaveProperty("data");
});

describe("odd answers (F8)", () => {
  test("of tasks", async () => {
    const { client, at } = await play({ scenario: "small" });
    const { dag } = await run(client, "/ob/stop", { scope: servers(at(1)) });
    const missing = `${dag.id.slice(0, 16)}9999`;
    const logs = await client.get(`/task/sub_task/${missing}/logs`);
    expect([logs.status, logs.json.data?.contents]).toEqual([200, []]);
    expect(await refusal(client.get(`/task/dag/4${dag.id.slice(1)}`))).toEqual([
      401,
      "Security.Authentication.WithAgentPassword",
      10008,
    ]);
    const passed = client.post(`/task/node/${dag.nodes?.[0]?.id}`, { operator: "PASS" });
    expect(await refusal(passed)).toEqual([400, "Task.Node.Operator.PassNotFailedDag", undefined]);
    expect(await refusal(client.post(`/task/node/${missing}`, { operator: "RETRY" }))).toEqual([
      400,
      "Task.Node.Operator.NotSupport",
      undefined,
    ]);
    expect((await client.get(`/task/dag/${dag.id}?show_details=maybe`)).status).toBe(500);
    expect((await client.get(`/task/dag/${dag.id}?show_details=`)).json.data?.nodes).toBeNull();
  });

  test("of headers and bodies", async () => {
    const { client } = await play({ scenario: "small" });
    const undecryptable = [401, "Security.Authentication.Header.DecryptFailed", 1];
    expect(await refusal(client.get("/ob/info", { fields: { Ts: 4_102_444_800 } }))).toEqual(undecryptable);
    expect(await refusal(client.get("/ob/info", { fields: { Keys: "not base64!" } }))).toEqual(undecryptable);
    expect((await client.get("/ob/info", { fields: { Keys: null } })).status).toBe(200);
    expect(await refusal(client.post("/ob/stop", null))).toEqual([400, "OB.Cluster.Scope.Invalid", undefined]);
    expect(await refusal(client.post("/ob/stop", { scope: servers("1.2.3.4:5:6") }))).toEqual([
      400,
      "Common.InvalidAddress",
      undefined,
    ]);
    const panicked = await client.post("/ob/stop", {}, { rawBody: "{}" });
    expect([panicked.status, panicked.type]).toEqual([500, "application/json; charset=utf-8"]);
    const keys = Buffer.alloc(32).toString("base64");
    const random = Array.from({ length: 8 }, () => randomBytes(48).toString("base64"));
    const statuses = await Promise.all(
      random.map(async (rawBody) => (await client.post("/ob/stop", {}, { rawBody, fields: { Keys: keys } })).status),
    );
    // What happens to end in a small byte is cut there and is no JSON.
    expect(statuses.filter((status) => status === 500).length).toBeGreaterThanOrEqual(4);
    expect(statuses.every((status) => status === 500 || status === 400)).toBe(true);
  });

  test("a slash too much is a way elsewhere", async () => {
    const { at } = await play({ scenario: "small" });
    const answer = (path: string, method: string) =>
      fetch(`http://${at(0)}/api/v1${path}`, { method, redirect: "manual" });
    const moved = await answer("/info/?a=b", "GET");
    expect([moved.status, moved.headers.get("location")]).toEqual([301, "/api/v1/info?a=b"]);
    expect((await answer("/ob/stop/", "POST")).status).toBe(307);
    expect((await answer("/nothing/", "GET")).status).toBe(404);
  });
});

test("who speaks Chinese, and nothing else, is told in Chinese; tasks log in English (F9)", async () => {
  const { client, at, simulator: sim } = await play({ scenario: "small" });
  const messageIn = async (language: string, body: unknown) =>
    (await client.post("/ob/stop", body, { language })).json.error;
  const body = { scope: { type: "GLOBAL" } };
  const english = await messageIn("en", body);
  expect(english?.message).toMatch(/^Cannot stop all observers/);
  for (const language of ["zh", "zh-CN"]) expect((await messageIn(language, body))?.message).toMatch(/停止整个集群/);
  expect((await messageIn("zh", body))?.errCode).toBe(english?.errCode);
  expect((await messageIn("zh-CN,zh;q=0.9", body))?.message).toBe(english?.message);
  sim.setFault(at(2), { kind: "agent-down" });
  const taken = await client.post("/ob/stop", { scope: servers(at(1)) }, { language: "zh" });
  const { dag } = await follow(client, taken.json.data?.id ?? "");
  expect(logsOf(dag, 1).at(-1)).toContain("not created, main DAG failed");
});

test("before 4.3.1.0 nobody is told in Chinese", async () => {
  const { client } = await play({ scenario: "small", version: "4.3.0.0" });
  const { json } = await client.post("/ob/stop", { scope: { type: "GLOBAL" } }, { language: "zh" });
  expect(json.error?.message).toMatch(/^Cannot stop all observers/);
});

describe("the storm by another door", () => {
  test("main_dags asks for a main DAG that its coordinator has lost, and that goes round", async () => {
    const { client, clientAt, at, simulator: sim } = await play({ timeScale: 50 });
    await client.post("/ob/stop", { scope: servers(at(4)), force: true });
    await expect.poll(() => sim.locks().length).toBe(9);
    sim.setFault("*", { kind: "database-down" });
    sim.setFault(at(0), { kind: "store-lost" });
    sim.peerRequests.length = 0;
    void clientAt(1)
      .get("/task/dag/agent/main_dags")
      .catch(() => undefined);
    const reads = () => sim.peerRequests.filter(({ path }) => /task\/dag\/\d/.test(path)).length;
    await expect.poll(reads).toBeGreaterThan(100);
  });
});
