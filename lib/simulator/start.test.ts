import { expect, test } from "vitest";
import { follow } from "./test-client";
import { play, run, servers, zones } from "./test-cluster";

const GLOBAL = { scope: { type: "GLOBAL" } };

test("after a full stop a minority comes up as processes, waits 600 s for its database and fails", async () => {
  const { client, at, simulator: sim } = await play({ timeScale: 1_000 });
  await run(client, "/ob/stop", { ...GLOBAL, force: true });
  const { dag } = await run(client, "/ob/start", { scope: servers(at(4)) });
  expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
  const logs = dag.nodes?.[3]?.sub_tasks[4]?.task_logs?.join("\n");
  expect(logs).toContain("Execute start observer sql: exec start server sql");
  expect(logs).toContain("get db instance timeout");
  expect(sim.observers().find((observer) => observer.address === at(4))?.isRunning).toBe(true);
  expect(sim.locks()).toEqual([]);
  expect((await run(client, "/ob/start", GLOBAL)).dag.state).toBe("SUCCEED");
});

test("a start of everything brings servers and zones back", async () => {
  const { client, simulator: sim } = await play();
  await run(client, "/ob/stop", { scope: zones("zone2") });
  await run(client, "/ob/stop", { ...GLOBAL, force: true });
  expect(sim.observers().filter((observer) => observer.isZoneStopped)).toHaveLength(3);
  const { dag } = await run(client, "/ob/start", GLOBAL);
  expect(dag.nodes?.map((node) => node.name)).toContain("Start Zone");
  expect(sim.observers().every((observer) => observer.isRunning && !observer.isZoneStopped)).toBe(true);
});

test("a start of servers leaves their stopped zone stopped, though their processes are back", async () => {
  const { client, clientAt, at, simulator: sim } = await play();
  await run(client, "/ob/zone/zone2/stop", {});
  await run(client, "/ob/start", { scope: servers(at(3), at(4), at(5)) });
  const inZone = sim.observers().filter((observer) => observer.zone === "zone2");
  expect(inZone.map(({ isRunning, isZoneStopped }) => [isRunning, isZoneStopped])).toEqual(Array(3).fill([true, true]));
  await run(clientAt(3), "/ob/start", { scope: zones("zone2") });
  expect(sim.observers().some((observer) => observer.isZoneStopped)).toBe(false);
});

test("a process that lives is not started again, and its SQL still runs", async () => {
  const { client, at, simulator: sim } = await play();
  sim.setObserver(at(4), "service-stopped");
  const { dag } = await run(client, "/ob/start", { scope: servers(at(4)) });
  const id = dag.additional_data?.sub_dags?.[at(4)];
  const sub = (await client.get(`/task/dag/${id}`)).json.data;
  expect(sub).toMatchObject({ name: "Start observer", state: "SUCCEED", stage: 5, max_stage: 5 });
  expect(sub?.nodes?.map((node) => node.name)).toEqual([
    "Start preparations",
    "Check ob process and config",
    "Start observer",
    "Execute start observer sql",
    "Wait for task to end",
  ]);
  expect(sub?.nodes?.[2]?.sub_tasks[0]?.task_logs).toEqual(["observer started."]);
  expect(sim.observers().find((observer) => observer.address === at(4))?.isServiceStopped).toBe(false);
});

test("a new process takes some seconds until its database can be used", async () => {
  const { clientAt, at, simulator: sim } = await play({ timeScale: 10 });
  sim.setObserver(at(4), "process-stopped");
  const obState = async () => (await clientAt(4).get("/status", { rawHeader: null })).json.data?.obState;
  expect(await obState()).toBe(0);
  sim.setObserver(at(4), "serving");
  expect(await obState()).toBe(1);
  await expect.poll(obState).toBe(3);
});

test("Start Zone that fails has let the agents go; its retry runs and then finds nobody left to pass", async () => {
  const { client, at, simulator: sim } = await play();
  sim.setObserver(at(4), "process-stopped");
  sim.when({ stage: "zone" }, () => sim.setFault(at(0), { kind: "sql-error" }));
  const { dag } = await run(client, "/ob/start", { scope: zones("zone2") });
  expect(dag).toMatchObject({ state: "FAILED", stage: 5, name: "Start OB" });
  const logs = dag.nodes?.[4]?.sub_tasks[0]?.task_logs?.filter((line) => line.startsWith("ERROR"));
  expect(logs?.[0]).toContain("[MySQL.Error]: MySQL error: ");
  expect(logs?.at(-1)).toBe("ERROR: [Common.Unexpected]: Unexpected error: start zone failed");
  expect(sim.locks()).toEqual([]);
  sim.clearFaults();
  expect((await client.post(`/task/dag/${dag.id}`, { operator: "RETRY" })).status).toBe(200);
  const { dag: retried } = await follow(client, dag.id);
  expect(retried).toMatchObject({ state: "FAILED", stage: 6 });
  expect(retried.nodes?.[4]).toMatchObject({ state: "SUCCEED", operator: "RETRY" });
  expect(retried.nodes?.[5]?.sub_tasks[0]?.task_logs?.at(-1)).toContain("[Task.SubDag.NotAllPassed]");
});

test("an observer that does not come up fails the start at its end, and the others are started", async () => {
  const { client, at, simulator: sim } = await play();
  for (const index of [3, 4]) sim.setObserver(at(index), "process-stopped");
  sim.setFault(at(4), { kind: "start-failure" });
  const { dag } = await run(client, "/ob/start", { scope: servers(at(3), at(4)) });
  expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
  expect(dag.nodes?.[4]?.sub_tasks[0]?.task_logs?.at(-1)).toContain(`Sub DAG of agents: [${at(4)}] failed`);
  expect(sim.observers().filter((observer) => !observer.isRunning)).toMatchObject([{ address: at(4) }]);
  expect(sim.locks()).toEqual([]);
});

test("an agent that never started anything says so before it says what it is, and after it looked for the target", async () => {
  const { client, at, simulator: sim } = await play();
  const refusal = async (path: string, body: object) => (await client.post(path, body)).json.error?.errCode;
  sim.setFault(at(0), { kind: "identity", identity: "TAKE OVER FOLLOWER" });
  expect(await refusal("/ob/start", GLOBAL)).toBe("Agent.Identify.NotSupportOperation");
  expect(await refusal("/ob/stop", GLOBAL)).toBe("Agent.Identify.NotSupportOperation");
  expect(await refusal("/ob/zone/zone1/stop/check", {})).toBe("Agent.Identify.NotSupportOperation");
  expect((await client.get("/obcluster/info")).json.error?.errCode).toBe("Agent.Identify.NotSupportOperation");
  const { data } = (await client.get("/status", { rawHeader: null })).json;
  expect(data?.agent).toMatchObject({ identity: "TAKE OVER FOLLOWER" });
  sim.setFault(at(0), { kind: "not-initialized" });
  expect(await refusal("/ob/start", { scope: zones("zone9") })).toBe("OB.Zone.NotExist");
  expect(await refusal("/ob/start", GLOBAL)).toBe("OB.Cluster.NotInitialized");
});
