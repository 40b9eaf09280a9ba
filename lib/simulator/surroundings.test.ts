import { describe, expect, test } from "vitest";
import { startSimulator } from "./cluster";
import { follow } from "./test-client";
import { play, run, servers, stageOf, zones } from "./test-cluster";

describe("tasks of the cluster", () => {
  test("a scaling shows with an id of the database, stands in nobody's way and takes no operation", async () => {
    const { client, at, simulator: sim } = await play();
    expect((await client.get("/task/dag/maintain/ob")).json.error?.errCode).toBe("Task.NotFound");
    sim.setFault("*", { kind: "cluster-task", name: "Scale out" });
    const { data } = (await client.get("/task/dag/maintain/ob")).json;
    expect(data).toMatchObject({ id: "11", name: "Scale out", state: "RUNNING", maintenance_type: 2 });
    for (const path of ["/task/dag/ob/unfinish", "/task/dag/unfinish", "/task/dags/ob"])
      expect((await client.get(path)).json.data?.contents).toMatchObject([{ id: "11" }]);
    expect((await client.get(`/task/dag/11`)).json.data).toMatchObject({ name: "Scale out", additional_data: {} });
    for (const operator of ["CANCEL", "PASS", "RETRY", "ROLLBACK"])
      expect((await client.post("/task/dag/11", { operator })).status).toBe(400);
    expect((await run(client, "/ob/stop", { scope: servers(at(4)) })).dag.state).toBe("SUCCEED");
    sim.clearFaults();
    expect((await client.get("/task/dag/maintain/ob")).json.data?.state).toBe("SUCCEED");
    expect((await client.get("/task/dag/ob/unfinish")).json.data?.contents).toEqual([]);
    expect(() => sim.setFault(at(0), { kind: "cluster-task" })).toThrow("for all agents");
  });

  test("they need a database: of any agent, or before 4.2.6.0 of the one that is asked", async () => {
    const modern = await play();
    modern.simulator.setFault("*", { kind: "cluster-task", state: "FAILED" });
    modern.simulator.setFault(modern.at(0), { kind: "database-down" });
    expect((await modern.client.get("/task/dag/11")).json.data?.state).toBe("FAILED");
    modern.simulator.setFault("*", { kind: "database-down" });
    expect((await modern.client.get("/task/dag/maintain/ob")).status).toBe(500);
    expect((await modern.client.get("/task/dag/unfinish")).json.data?.contents).toBeNull();
    const old = await play({ version: "4.2.3.0" });
    old.simulator.setFault("*", { kind: "cluster-task" });
    old.simulator.setFault(old.at(0), { kind: "database-down" });
    expect((await old.client.get("/task/dag/maintain/ob")).status).toBe(500);
  });
});

describe("an agent that loses what it knew", () => {
  test("a lost store forgets the runs, lets the lock go, and the others still hold theirs", async () => {
    const { client, clientAt, at, simulator: sim } = await play({ timeScale: 50 });
    const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
    const id = json.data?.id ?? "";
    await expect.poll(() => stageOf(client, id), { interval: 2 }).toBe(4);
    const before = (await client.get("/info", { rawHeader: null })).text;
    sim.setFault(at(0), { kind: "store-lost" });
    const gone = await clientAt(1).get(`/task/dag/${id}`);
    expect([gone.status, gone.json.error?.errCode]).toEqual([404, "Task.NotFound"]);
    expect(
      (await client.get("/task/dags/agent").catch(() => client.get("/task/dags/agent"))).json.data?.contents,
    ).toEqual([]);
    expect((await client.get("/info", { rawHeader: null })).text).not.toBe(before);
    await expect.poll(() => sim.locks().filter((lock) => lock.mainDagId === id).length).toBe(8);
    expect((await clientAt(1).get("/task/dag/agent/main_dags")).json.data?.contents).toEqual([]);
    const next = await client.post("/ob/stop", { scope: servers(at(4)), force: true, forcePassDag: { id: [id] } });
    expect(next.json.data?.id).not.toBe(id);
    expect((await follow(client, next.json.data?.id ?? "")).dag.state).toBe("SUCCEED");
  });

  test("a store that begins anew gives an old id to another run", async () => {
    const { client, at, simulator: sim } = await play();
    const { dag } = await run(client, "/ob/stop", { scope: servers(at(4)) });
    sim.setFault(at(0), { kind: "store-lost", ids: "restart" });
    const start = await client.post("/ob/start", { scope: servers(at(4)) }).catch(() => null);
    const again = start ?? (await client.post("/ob/start", { scope: servers(at(4)) }));
    expect(again.json.data).toMatchObject({ id: dag.id, name: "Start OB" });
  });

  test("a restart ends sessions and starts a new process; a run in its Wait stage goes on", async () => {
    const { client, at, simulator: sim } = await play({ timeScale: 50 });
    await client.post("/login", {});
    const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
    sim.when({ stage: "wait" }, ({ dagId, coordinator }) => {
      expect([dagId, coordinator]).toEqual([json.data?.id, at(0)]);
      sim.setFault(coordinator, { kind: "agent-restart" });
    });
    expect((await follow(client, json.data?.id ?? "")).dag.state).toBe("SUCCEED");
  });
});

describe("waiting for what does not answer", () => {
  const OPEN = { rawHeader: null };
  const timed = async (ask: () => Promise<unknown>): Promise<number> => {
    const startedAt = Date.now();
    await ask();
    return Date.now() - startedAt;
  };

  test("a silent host holds up every question that one agent puts to all", async () => {
    const { client, at, simulator: sim } = await play({ timeScale: 1_000 });
    await run(client, "/ob/stop", { scope: servers(at(4)) });
    sim.setFault(at(8), { kind: "silent" });
    for (const path of [
      "/agents/status",
      "/task/dag/unfinish",
      "/task/dag/maintain/agents",
      "/task/dag/agent/main_dags",
    ])
      expect(await timed(() => client.get(path))).toBeGreaterThanOrEqual(178);
    expect(await timed(() => client.get("/task/dag/agent/unfinish"))).toBeLessThan(150);
  });

  test("a frozen database is waited for as long as the caller says, and /info of 4.5.0.0 without end", async () => {
    const { client, at, simulator: sim } = await play();
    sim.setFault(at(0), { kind: "database-frozen" });
    const status = (await client.get("/status?ob_query_timeout=100000", OPEN)).json.data;
    expect(status?.obState).toBe(1);
    expect(await timed(() => client.get("/status?ob_query_timeout=100000", OPEN))).toBeGreaterThanOrEqual(95);
    const info = client.get("/info", OPEN);
    setTimeout(() => sim.clearFaults(), 120);
    expect(await timed(() => info)).toBeGreaterThanOrEqual(100);
    expect((await client.get("/status", OPEN)).json.data?.obState).toBe(3);
  });
});

describe("long logs", () => {
  test("100 000 lines are served whole, in order, by the task and by its logs", async () => {
    const { client, at, simulator: sim } = await play();
    sim.setFault(at(4), { kind: "long-log", lines: 100_000 });
    const { json } = await client.post("/ob/stop", { scope: servers(at(4)) });
    const light = async () => (await client.get(`/task/dag/${json.data?.id}?show_details=false`)).json.data?.state;
    await expect.poll(light).toBe("SUCCEED");
    const { dag } = await follow(client, json.data?.id ?? "");
    const task = dag.nodes?.[3]?.sub_tasks[4];
    expect(task?.task_logs?.length).toBeGreaterThan(100_000);
    expect(dag.nodes?.[3]?.sub_tasks[3]?.task_logs?.length).toBeLessThan(20);
    const { contents } = (await client.get(`/task/sub_task/${task?.id}/logs`)).json.data ?? {};
    expect(contents?.[99_999]).toMatchObject({
      log_content: expect.stringContaining("[100000/100000]"),
      execute_times: 1,
    });
    expect(contents).toHaveLength(task?.task_logs?.length ?? 0);
  });

  test("an agent's own step can be the one that talks, and the coordinator copies it", async () => {
    const { client, at, simulator: sim } = await play();
    sim.setFault(at(4), { kind: "long-log", lines: 50, node: "Stop observer" });
    const { dag } = await run(client, "/ob/stop", { scope: servers(at(4)), force: true });
    const copied = dag.nodes?.[3]?.sub_tasks[4]?.task_logs?.filter((line) => line.startsWith("Stop observer: ["));
    expect(copied).toHaveLength(50);
  });
});

describe("tenants as they are laid out", () => {
  const FULL = (...names: string[]) => names.map((name) => `FULL{1}@${name}`).join(", ");

  test("localities are told as given, and only FULL replicas vote", async () => {
    const locality = `${FULL("zone1", "zone2")}, READONLY{1}@zone3`;
    const { client } = await play({ scenario: "small", tenants: [{ name: "pay", locality }] });
    const { data } = (await client.get("/obcluster/info")).json;
    expect(data?.["tenants"]).toMatchObject([
      { tenant_name: "sys", locality: FULL("zone1", "zone2", "zone3") },
      { tenant_name: "pay", locality },
    ]);
    const check = async (zone: string) => (await client.post(`/ob/zone/${zone}/stop/check`, {})).json.error?.errCode;
    expect(await check("zone1")).toBe("OB.Cluster.Tenant.Replica.Invalid");
    expect(await check("zone3")).toBeUndefined();
  });

  test("a sys tenant that would lose its majority is not seen by the agent, but by the database", async () => {
    const tenants = [
      { name: "sys", locality: FULL("zone1") },
      { name: "pay", locality: FULL("zone1", "zone2", "zone3") },
    ];
    const { client } = await play({ scenario: "small", tenants });
    expect((await client.post("/ob/zone/zone1/stop/check", {})).status).toBe(200);
    const { dag } = await run(client, "/ob/stop", { scope: zones("zone1") });
    expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
    expect(dag.nodes?.[4]?.sub_tasks[0]?.task_logs?.at(-1)).toContain("Error 4179");
  });

  test("two replicas never keep a majority without one of them; five zones spare two", async () => {
    const names = ["zone1", "zone2", "zone3", "zone4", "zone5"];
    const tenants = [
      { name: "two", locality: FULL("zone1", "zone2") },
      { name: "five", locality: FULL(...names), logStreams: 2 },
    ];
    const { client, at, simulator: sim } = await play({ scenario: "medium", zoneSizes: [2, 2, 2, 1, 1], tenants });
    expect(sim.agents.map((agent) => agent.zone)).toEqual(
      names.flatMap((name, zone) => Array(zone < 3 ? 2 : 1).fill(name)),
    );
    const check = async (zone: string) => (await client.post(`/ob/zone/${zone}/stop/check`, {})).json.error?.errCode;
    expect(await check("zone2")).toBe("OB.Cluster.Tenant.Replica.Invalid");
    expect(await check("zone3")).toBeUndefined();
    for (const index of [6, 7]) sim.setObserver(at(index), "process-stopped");
    expect(await check("zone3")).toBe("OB.Cluster.Tenant.Replica.Invalid");
  });

  test("a layout that cannot be, and a scenario without its agents, are refused by name", async () => {
    const start = (locality: string) => startSimulator({ scenario: "small", tenants: [{ name: "pay", locality }] });
    await expect(start("FULL{2}@zone1")).rejects.toThrow("zone1 has 1 servers, not 2");
    await expect(start("everywhere")).rejects.toThrow('"everywhere" is no part of a locality');
    await expect(startSimulator({ scenario: "stuck", zoneSizes: [1, 1, 1] })).rejects.toThrow("stuck needs three");
  });
});
