import { expect, test } from "vitest";
import type { SimulatorOptions } from "./cluster";
import { follow } from "./test-client";
import { play, servers, stageOf } from "./test-cluster";

async function operated(options: Partial<SimulatorOptions> = {}) {
  const played = await play(options);
  const { client } = played;
  const operate = async (id: string, operator: string): Promise<string> => {
    const { json } = await client.post(`/task/dag/${id}`, { operator });
    return json.error?.errCode?.split(".").at(-1) ?? "done";
  };
  const stop = async (body: unknown): Promise<string> => (await client.post("/ob/stop", body)).json.data?.id ?? "";
  const held = async (): Promise<number> => (await client.get("/task/dag/unfinish")).json.data?.contents?.length ?? 0;
  return { ...played, operate, stop, held };
}

test("a cancelled stop is FAILED/CANCEL and leaves every sub DAG locked until each is passed", async () => {
  const { client, at, operate, stop, held } = await operated({ scenario: "stuck", timeScale: 100 });
  const id = await stop({ scope: servers(at(4)), force: true });
  await expect.poll(() => stageOf(client, id), { interval: 2 }).toBe(4);
  expect(await operate(id, "RETRY")).toBe("RetryNotFailedDag");
  expect(await operate(id, "PASS")).toBe("PassNotFailedDag");
  expect(await operate(id, "JUMP")).toBe("NotSupport");
  expect(await operate(id, "cancel")).toBe("done");
  const { dag } = await follow(client, id);
  expect(dag).toMatchObject({ state: "FAILED", operator: "CANCEL", stage: 4 });
  expect(dag.nodes?.[3]).toMatchObject({ state: "FAILED", operator: "CANCEL" });
  expect(await operate(id, "CANCEL")).toBe("CancelFinishedDag");
  expect(await operate(id, "RETRY")).toBe("RetryNotAllowed");
  expect(await operate(id, "ROLLBACK")).toBe("RollbackNotAllowed");
  expect(await operate(id, "PASS")).toBe("PassNotAllowed");
  expect(await held()).toBe(9);
  for (const sub of Object.values(dag.additional_data?.sub_dags ?? {})) {
    if ((await operate(sub, "PASS")) === "done") continue;
    expect(await operate(sub, "CANCEL")).toBe("done");
    await follow(client, sub);
    expect(await operate(sub, "PASS")).toBe("done");
  }
  expect(await held()).toBe(0);
});

test("a second stop is taken, fails at stage 2 and names the run that holds the agents", async () => {
  const { client, at, stop } = await operated({ scenario: "stuck", timeScale: 100 });
  const first = await stop({ scope: servers(at(4)), force: true });
  await expect.poll(() => stageOf(client, first), { interval: 2 }).toBe(4);
  const { dag } = await follow(client, await stop({ scope: servers(at(0)) }));
  expect(dag).toMatchObject({ state: "FAILED", stage: 2 });
  const local = dag.nodes?.[0]?.sub_tasks[0]?.task_logs ?? [];
  expect(local).toHaveLength(2);
  expect(local[1]).toMatch(/^ERROR: \[Agent\.UnderMaintenanceDag\]: 127\.0\.0\.1:\d+ is under maintenance by DAG/);
  const remote = dag.nodes?.[0]?.sub_tasks[1]?.task_logs?.slice(1) ?? [];
  expect(remote.map((line) => /by DAG \[(\d*):([^\]]*)\]/.exec(line)?.slice(1))).toEqual(
    Array(3).fill([first, "Stop observer"]),
  );
  expect(remote.map((line) => line.slice(-6))).toEqual(["[1/3].", "[2/3].", "[3/3]."]);
});

test("old agents name the blocking run by its id alone", async () => {
  const { client, stop } = await operated({ scenario: "maintenance-held", version: "4.2.3.0" });
  const { dag } = await follow(client, await stop({ scope: { type: "GLOBAL" }, force: true }));
  expect(dag.nodes?.[0]?.sub_tasks[3]?.task_logs?.[1]).toMatch(/dag id: \d+/);
});

test("maintenance-held locks three agents until the old run is named in forcePassDag", async () => {
  const { client, clientAt, at, stop } = await operated({ scenario: "maintenance-held" });
  const { contents } = (await clientAt(7).get("/task/dag/agent/main_dags")).json.data ?? {};
  const [old] = contents ?? [];
  expect(old).toMatchObject({ name: "Stop OB", state: "FAILED", operator: "CANCEL" });
  const underMaintenance = async (index: number): Promise<unknown> =>
    (await clientAt(index).get("/status", { rawHeader: null })).json.data?.underMaintenance;
  expect(await Promise.all([0, 3, 4, 5, 8].map(underMaintenance))).toEqual([false, true, true, true, false]);
  const blocked = await follow(client, await stop({ scope: servers(at(0)), force: true }));
  expect(blocked.dag).toMatchObject({ state: "FAILED", stage: 2 });
  const forced = await stop({ scope: servers(at(0)), force: true, forcePassDag: { id: [old?.id] } });
  expect((await follow(client, forced)).dag.state).toBe("SUCCEED");
  expect((await client.get("/task/dag/agent/main_dags")).json.data?.contents).toEqual([]);
});

test("forcePassDag cancels a sub DAG that is still running before it passes it", async () => {
  const { client, at, stop, simulator: sim } = await operated({ scenario: "stuck", timeScale: 100 });
  const first = await stop({ scope: servers(at(4)), force: true });
  await expect
    .poll(
      async () => (await client.get("/task/dag/unfinish")).json.data?.contents?.filter((dag) => dag.stage === 2).length,
      { interval: 2 },
    )
    .toBeGreaterThan(0);
  await expect.poll(() => stageOf(client, first), { interval: 2 }).toBe(4);
  sim.clearFaults();
  sim.setFault(at(4), { kind: "kill-slow" });
  const second = await stop({ scope: servers(at(0)), forcePassDag: { id: [first] } });
  expect((await follow(client, second)).dag.state).toBe("SUCCEED");
});

test("any agent reads and operates any DAG, and an owner that is down is a dial error", async () => {
  const { at, clientAt, stop, simulator: sim } = await operated();
  const id = await stop({ scope: servers(at(4)) });
  const { dag } = await follow(clientAt(8), id);
  expect(dag.state).toBe("SUCCEED");
  const node = dag.nodes?.[0];
  expect((await clientAt(8).get(`/task/node/${node?.id}`)).json.data).toMatchObject({
    additional_data: { sub_dags: dag.additional_data?.sub_dags },
  });
  expect((await clientAt(8).get(`/task/node/${node?.id}?show_details=false`)).status).toBe(500);
  const logs = await clientAt(8).get(`/task/sub_task/${node?.sub_tasks[0]?.id}/logs`);
  expect(logs.json.data?.contents?.[0]).toMatchObject({
    execute_times: 1,
    log_content: `Inform ${at(0)} to create the task`,
  });
  const light = await clientAt(8).get(`/task/dag/${id}?show_details=false`);
  expect(light.json.data).toMatchObject({ nodes: null, additional_data: null });
  sim.setFault(at(0), { kind: "agent-down" });
  expect(await clientAt(8).get(`/task/dag/${id}`)).toMatchObject({
    status: 500,
    json: { error: { errCode: "Common.Unexpected", message: expect.stringContaining("connection refused") } },
  });
  expect((await clientAt(8).get("/task/dag/77")).json.error?.errCode).toBe("Task.GenericID.Invalid");
});

test("lost-answer carries the first stop out, once, without answering", async () => {
  const { client, at, simulator: sim } = await operated({ scenario: "lost-answer" });
  await expect(client.post("/ob/stop", { scope: servers(at(4)), force: true })).rejects.toThrow();
  expect(sim.requests.filter((request) => request.path === "/api/v1/ob/stop")).toMatchObject([{ outcome: 200 }]);
  const dags = (await client.get("/task/dags/agent?show_details=false")).json.data?.contents ?? [];
  const [only] = dags.filter((dag) => dag.name === "Stop OB");
  expect((await follow(client, only?.id ?? "")).dag.state).toBe("SUCCEED");
});

test("coordinator-lost goes silent while it waits, and is found again when the fault is cleared", async () => {
  const { client, at, stop, simulator: sim } = await operated({ scenario: "coordinator-lost", timeScale: 20 });
  const id = await stop({ scope: servers(at(4)), force: true });
  const answers = async (): Promise<boolean> => {
    const response = await fetch(`http://${at(0)}/api/v1/status`, { signal: AbortSignal.timeout(100) }).catch(
      () => null,
    );
    return response !== null;
  };
  await expect.poll(answers).toBe(false);
  sim.clearFaults();
  expect((await follow(client, id)).dag.state).toBe("SUCCEED");
});

test("an agent that comes back fails the node it was in, if that cannot go on", async () => {
  const { client, at, stop, simulator: sim } = await operated({ timeScale: 20 });
  sim.setFault(at(8), { kind: "agent-down" });
  const id = await stop({ scope: servers(at(4)), force: true });
  await expect
    .poll(async () => (await client.get(`/task/dag/${id}`)).json.data?.state, { interval: 5 })
    .toBe("RUNNING");
  sim.setFault(at(0), { kind: "agent-down" });
  await expect(client.get(`/task/dag/${id}`)).rejects.toThrow();
  sim.clearFaults();
  const { dag } = await follow(client, id);
  expect(dag).toMatchObject({ state: "FAILED", stage: 1 });
});

test("answers can be cut, be HTML, or come late", async () => {
  const { at, clientAt, simulator: sim } = await operated();
  sim.setFault(at(0), { kind: "truncated" });
  await expect(fetch(`http://${at(0)}/api/v1/info`).then((response) => response.text())).rejects.toThrow();
  sim.setFault(at(1), { kind: "garbage" });
  expect(await (await fetch(`http://${at(1)}/api/v1/info`)).text()).toContain("<html>");
  sim.setFault(at(2), { kind: "slow", delayMs: 120 });
  const startedAt = Date.now();
  await fetch(`http://${at(2)}/api/v1/info`);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(115);
  sim.setFault("*", { kind: "wrong-password" });
  expect((await clientAt(3).get("/ob/agents")).json.error?.errCode).toContain("IncorrectOceanbasePassword");
});
