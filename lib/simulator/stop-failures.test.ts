import { expect, test } from "vitest";
import { createTestClient, follow, type WireDag } from "./test-client";
import { play, run, servers, zones } from "./test-cluster";

/** Fifteen minutes of an agent, on a machine that may be busy. */
const PATIENT = { timeout: 60_000 };

/** The last log line of the sub task that failed. */
const lastLine = (dag: WireDag): string =>
  (dag.nodes ?? [])
    .find((node) => node.state === "FAILED")
    ?.sub_tasks.find((task) => task.state === "FAILED")
    ?.task_logs?.at(-1) ?? "";

test("a dead agent fails every stop at stage 2, though it is not a target, and leaves no lock", async () => {
  const { client, at } = await play({ scenario: "agent-dead" });
  const { dag } = await run(client, "/ob/stop", { scope: servers(at(4)), force: true });
  expect(dag).toMatchObject({ state: "FAILED", stage: 2 });
  expect(dag.nodes?.[0]?.state).toBe("SUCCEED");
  expect(lastLine(dag)).toMatch(
    /^ERROR: \[Task\.SubDag\.NotAllCreated\]: .*\[127\.0\.0\.1:\d+\] not created, main DAG failed$/,
  );
  expect(dag.nodes?.[0]?.sub_tasks[8]?.task_logs?.filter((line) => line.includes("connection refused"))).toHaveLength(
    3,
  );
  const held = await client.get("/task/dag/agent/main_dags");
  expect(held.json.data?.contents).toEqual([]);
  const status = await createTestClient(at(4), "").get("/status", { rawHeader: null });
  expect(status.json.data?.obState).toBe(3);
});

test("a kill that fails 15 times ends in NotAllSucceed at the last stage, with all sub DAGs passed", async () => {
  const { client, at } = await play({ scenario: "one-fails", timeScale: 1_000 });
  const { dag } = await run(client, "/ob/stop", { scope: zones("zone2"), force: true });
  expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
  expect(lastLine(dag)).toContain(
    `[Task.SubDag.NotAllSucceed]: check sub dag succeed failed: Sub DAG of agents: [${at(4)}] failed, main DAG failed`,
  );
  const logs = dag.nodes?.[3]?.sub_tasks[4]?.task_logs ?? [];
  expect(logs.filter((line) => line.startsWith("Stop observer: Kill observer process"))).toHaveLength(15);
  expect(logs.some((line) => line.includes("[OB.Cluster.AsyncOperationTimeout]"))).toBe(true);
  expect((await client.get("/task/dag/agent/main_dags")).json.data?.contents).toEqual([]);
});

test("a statement the database refuses fails Execute stop sql and passes the sub DAGs", async () => {
  const { client, at } = await play({ scenario: "one-fails" });
  const { dag } = await run(client, "/ob/stop", { scope: servers(at(4)) });
  expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
  expect(lastLine(dag)).toMatch(/^ERROR: \[MySQL\.Error\]: MySQL error: Error 4012/);
  expect((await client.get("/task/dag/agent/main_dags")).json.data?.contents).toEqual([]);
});

test("a freeze that never ends keeps all locks; the main DAG can be retried, which counts two executions", async () => {
  const { client, at, simulator: sim } = await play({ timeScale: 600 });
  sim.setFault(at(4), { kind: "freeze-timeout" });
  const { dag } = await run(client, "/ob/stop", { scope: servers(at(4)), terminate: true });
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
  sim.when({ stage: "freeze" }, () => sim.setFault(at(0), { kind: "database-down" }));
  const { json } = await client.post("/ob/stop", { scope: servers(at(4)), terminate: true });
  const id = json.data?.id ?? "";
  const { dag } = await follow(client, id);
  expect(dag).toMatchObject({ state: "FAILED", stage: 3 });
  expect((await client.post(`/task/node/${dag.nodes?.[2]?.id}`, { operator: "PASS" })).status).toBe(200);
  const { dag: passed } = await follow(client, id);
  expect(passed).toMatchObject({ state: "SUCCEED", stage: 6 });
  expect(passed.nodes?.[2]).toMatchObject({ state: "SUCCEED", operator: "PASS" });
});

test("an agent 14 s ahead refuses its peers as expired, unless the password is empty", async () => {
  const first = await play({ scenario: "clock-skew" });
  const { dag } = await run(first.client, "/ob/stop", { scope: servers(first.at(4)), force: true });
  expect(dag.nodes?.[0]?.sub_tasks[8]?.task_logs?.[1]).toContain("expired");
  expect(dag).toMatchObject({ state: "FAILED", stage: 2 });
  await first.simulator.close();
  const second = await play({ scenario: "clock-skew", password: "" });
  expect((await run(second.client, "/ob/stop", { scope: servers(second.at(4)), force: true })).dag.state).toBe(
    "SUCCEED",
  );
});

test("a host that goes silent during Wait fails the DAG at the Wait node and leaves all locks", async () => {
  const { client, at, simulator: sim } = await play({ timeScale: 2_000 });
  sim.setFault(at(8), { kind: "kill-slow" });
  sim.when({ stage: "wait" }, () => sim.setFault(at(8), { kind: "silent" }));
  const { dag } = await run(client, "/ob/stop", { scope: servers(at(8)), force: true });
  expect(dag).toMatchObject({ state: "FAILED", stage: 4 });
  expect(lastLine(dag)).toContain("timeout");
  sim.clearFaults();
  expect((await client.get("/task/dag/unfinish")).json.data?.contents).toHaveLength(9);
});

test(
  "stuck: the coordinator gives up after 900 polls, cancels the hanging parts and passes them",
  PATIENT,
  async () => {
    const { client, at } = await play({ scenario: "stuck", timeScale: 500 });
    const { dag } = await run(client, "/ob/stop", { scope: zones("zone2"), force: true });
    expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
    expect(lastLine(dag)).toContain(`[${at(4)} ${at(5)}]`);
    expect(dag.nodes?.[3]?.sub_tasks[4]?.task_logs?.join("\n")).toContain("is timeout, try to cancel it");
    const stuck = await client.get(`/task/dag/${dag.additional_data?.sub_dags?.[at(4)]}`);
    expect(stuck.json.data).toMatchObject({ state: "SUCCEED", operator: "PASS", stage: 2 });
  },
);

test("an agent that dies while the others wait for it is still locked when it returns", PATIENT, async () => {
  const { client, clientAt, at, simulator: sim } = await play({ timeScale: 500 });
  sim.setFault(at(8), { kind: "kill-slow" });
  sim.when({ stage: "wait" }, () => sim.setFault(at(8), { kind: "agent-down" }));
  const { dag } = await run(client, "/ob/stop", { scope: servers(at(8)), force: true });
  expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
  expect(lastLine(dag)).toContain(`[Task.SubDag.NotAllSucceed]`);
  sim.clearFaults();
  expect((await clientAt(8).get("/status", { rawHeader: null })).json.data?.underMaintenance).toBe(true);
  expect((await clientAt(0).get("/status", { rawHeader: null })).json.data?.underMaintenance).toBe(false);
});

test("an agent lost at Advance fails the stop, but those already told still kill, and stay locked", async () => {
  const { client, at, simulator: sim } = await play({ timeScale: 10 });
  sim.when({ stage: "advance" }, () => sim.setFault(at(8), { kind: "agent-down" }));
  const { dag } = await run(client, "/ob/stop", { scope: servers(at(4)), force: true });
  expect(dag).toMatchObject({ state: "FAILED", stage: 3 });
  expect(lastLine(dag)).toContain(`[Task.SubDag.NotAllAdvanced]: Sub DAG of agents: [${at(8)}] not advanced`);
  const obState = async () => {
    const { json: status } = await createTestClient(at(4), "").get("/status", { rawHeader: null });
    return { obState: status.data?.obState, underMaintenance: status.data?.underMaintenance };
  };
  await expect.poll(obState).toEqual({ obState: 0, underMaintenance: true });
});
