import { describe, expect, test } from "vitest";
import { VERSIONS, type SimulatorOptions } from "./cluster";
import { follow } from "./test-client";
import { play, servers } from "./test-cluster";
import { isSince } from "./scenarios";

/** A forced stop of agent 4 that agent 0 coordinates and that ended, through no fault of the agents, with all locked. */
async function leftover(options: Partial<SimulatorOptions> = {}) {
  const played = await play(options);
  const { client, at, simulator: sim } = played;
  sim.when({ stage: "end" }, () => sim.setFault(at(0), { kind: "agent-restart" }));
  const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
  const id = json.data?.id ?? "";
  await follow(client, id);
  expect(sim.locks().map(({ mainDagId, state }) => [mainDagId, state])).toEqual(Array(9).fill([id, "FAILED"]));
  const start = async (forcePass: string[], from = client): Promise<string> => {
    const body = { scope: servers(at(4)), forcePassDag: { id: forcePass } };
    return (await from.post("/ob/start", body)).json.data?.id ?? "";
  };
  return { ...played, sim, id, start };
}

describe.each(VERSIONS)("at %s", (version) => {
  test("refused operations carry their code, or the old number for all of them", async () => {
    const { client, sim, id } = await leftover({ version });
    const answers = await Promise.all(
      ["RETRY", "ROLLBACK", "PASS", "CANCEL", "JUMP"].map((operator) => client.post(`/task/dag/${id}`, { operator })),
    );
    const names = ["RetryNotAllowed", "RollbackNotAllowed", "PassNotAllowed", "CancelFinishedDag", "NotSupport"];
    const [waiting] = sim.locks();
    const sub = await client.get(`/task/dag/${waiting?.dagId}`);
    const node = await client.post(`/task/node/${sub.json.data?.nodes?.[0]?.id}`, { operator: "RETRY" });
    if (isSince(version, "4.3.1.0")) {
      const codes = names.map((name) => [400, `Task.Dag.Operator.${name}`]);
      expect(answers.map(({ status, json }) => [status, json.error?.errCode])).toEqual(codes);
      expect(node).toMatchObject({ status: 400, json: { error: { errCode: "Task.Node.Operator.NotSupport" } } });
    } else {
      expect(answers.map(({ status, json }) => [status, json.error?.code])).toEqual(Array(5).fill([500, 1010]));
      expect(node).toMatchObject({ status: 400, json: { error: { code: 1000 } } });
    }
  });

  test("the log of the first node names who holds an agent, and nobody where it is no start or stop", async () => {
    const { client, at, sim, id, start } = await leftover({ version });
    const own = sim.locks().find((lock) => lock.address === at(8));
    await client.post(`/task/dag/${own?.dagId}`, { operator: "PASS" });
    sim.setFault(at(8), { kind: "foreign-lock", name: "Upgrade agent" });
    const { dag } = await follow(client, await start([]));
    expect([dag.state, dag.stage, dag.nodes?.[0]?.state]).toEqual(["FAILED", 2, "SUCCEED"]);
    const linesOf = (agent: number): string[] => dag.nodes?.[0]?.sub_tasks[agent]?.task_logs?.slice(1) ?? [];
    const isNew = isSince(version, "4.3.1.0");
    const byDag = (line: string): unknown => /by DAG \[(\d*):([^\]]*)\]/.exec(line)?.slice(1) ?? null;
    const oldId = (line: string): unknown => /dag id: (\d+)/.exec(line)?.[1] ?? null;
    const held = isNew ? [id, "Stop observer"] : id;
    expect(linesOf(0).map(isNew ? byDag : oldId)).toEqual([held]);
    expect(linesOf(4).map(isNew ? byDag : oldId)).toEqual([held, held, held]);
    const foreign = isNew ? ["", "Upgrade agent"] : null;
    expect(linesOf(8).map(isNew ? byDag : oldId)).toEqual([foreign, foreign, foreign]);
    expect(linesOf(8)[0]).toContain("under maintenance");
  });
});

test("forcePassDag passes what waits, for as many mains as it names, and leaves those mains alone", async () => {
  const { client, clientAt, at, sim, id, start } = await leftover();
  // Agent 8 is let go and taken by a second stop of another coordinator.
  const own = sim.locks().find((lock) => lock.address === at(8));
  await client.post(`/task/dag/${own?.dagId}`, { operator: "PASS" });
  const blocked = await clientAt(1).post("/ob/stop", { scope: servers(at(8)) });
  sim.setFault(at(8), { kind: "rpc-lost", call: "end" });
  const second = blocked.json.data?.id ?? "";
  await follow(clientAt(1), second);
  sim.clearFaults();
  expect(new Set(sim.locks().map((lock) => lock.mainDagId))).toEqual(new Set([id, second]));

  const half = await follow(client, await start([id]));
  expect(half.dag).toMatchObject({ state: "FAILED", stage: 2 });
  expect(sim.locks().map((lock) => lock.address)).toEqual([at(8)]);
  const whole = await follow(client, await start([id, second]));
  expect(whole.dag.state).toBe("SUCCEED");
  expect(sim.locks()).toEqual([]);
  expect((await client.get(`/task/dag/${id}`)).json.data).toMatchObject({ state: "FAILED", operator: "RUN", stage: 5 });
});

test("no id releases a lock that is no start's and no stop's, nor can that task be operated", async () => {
  const { client, at, simulator: sim } = await play();
  sim.setFault(at(3), { kind: "foreign-lock" });
  expect(() => sim.setFault(at(3), { kind: "foreign-lock", name: "other" })).not.toThrow();
  const [lock] = sim.locks();
  expect(lock).toMatchObject({ address: at(3), mainDagId: null, state: "RUNNING" });
  const { json } = await client.post("/ob/stop", {
    scope: servers(at(0)),
    force: true,
    forcePassDag: { id: [lock?.dagId, ""] },
  });
  expect((await follow(client, json.data?.id ?? "")).dag).toMatchObject({ state: "FAILED", stage: 2 });
  for (const operator of ["PASS", "CANCEL", "RETRY", "ROLLBACK"])
    expect((await client.post(`/task/dag/${lock?.dagId}`, { operator })).status).toBe(400);
  expect((await client.get(`/task/dag/${lock?.dagId}`)).json.data).toMatchObject({
    name: "Upgrade agent",
    maintenance_type: 2,
    additional_data: null,
  });
  expect((await client.get("/task/dag/agent/main_dags")).json.data?.contents).toEqual([]);
  sim.clearFaults();
  expect(sim.locks()).toEqual([]);
});

test("a lock that a run holds cannot be given to a foreign task", async () => {
  const { at, sim } = await leftover();
  expect(() => sim.setFault(at(3), { kind: "foreign-lock" })).toThrow("already held by Stop observer");
  sim.clearFaults();
  expect(sim.locks()).toHaveLength(9);
});

test("a cancel that does not end: CancelTimeout at the coordinator's own agent, an unanswered call at another", async () => {
  const { client, at, simulator: sim } = await play({ timeScale: 500 });
  for (const agent of [at(0), at(4)]) {
    sim.setFault(agent, { kind: "kill-slow" });
    sim.setFault(agent, { kind: "cancel-slow" });
  }
  const { json } = await client.post("/ob/stop", { scope: servers(at(0), at(4)), force: true });
  const first = json.data?.id ?? "";
  await expect.poll(() => sim.locks().filter((lock) => lock.stage === 2 && lock.state === "RUNNING").length).toBe(2);
  const next = await client.post("/ob/start", { scope: servers(at(0)), forcePassDag: { id: [first] } });
  const { dag } = await follow(client, next.json.data?.id ?? "");
  expect(dag).toMatchObject({ state: "FAILED", stage: 2 });
  const logsOf = (agent: number): string => dag.nodes?.[0]?.sub_tasks[agent]?.task_logs?.join("\n") ?? "";
  expect(logsOf(0)).toContain("[Task.Dag.CancelTimeout]");
  expect(logsOf(4).match(/Client\.Timeout exceeded/g)).toHaveLength(3);
});

test("by hand: CANCEL the main, wait, CANCEL what still runs, PASS every sub DAG; then the next stop is taken", async () => {
  const { client, at, simulator: sim } = await play({ timeScale: 100 });
  sim.setFault(at(4), { kind: "kill-slow" });
  const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
  const id = json.data?.id ?? "";
  await expect.poll(() => sim.locks().find((lock) => lock.address === at(4))?.stage).toBe(2);
  expect((await client.post(`/task/dag/${id}`, { operator: "CANCEL" })).status).toBe(200);
  const { dag } = await follow(client, id);
  expect(dag).toMatchObject({ state: "FAILED", operator: "CANCEL", stage: 4 });
  expect(sim.locks()).toHaveLength(9);
  for (const sub of Object.values(dag.additional_data?.sub_dags ?? {})) {
    const { data } = (await client.get(`/task/dag/${sub}`)).json;
    if (data?.state === "RUNNING") {
      expect((await client.post(`/task/dag/${sub}`, { operator: "PASS" })).json.error?.errCode).toContain(
        "NotFailedDag",
      );
      await client.post(`/task/dag/${sub}`, { operator: "CANCEL" });
      await follow(client, sub);
    }
    expect((await client.post(`/task/dag/${sub}`, { operator: "PASS" })).status).toBe(200);
  }
  expect(sim.locks()).toEqual([]);
  sim.clearFaults();
  const again = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
  expect((await follow(client, again.json.data?.id ?? "")).dag.state).toBe("SUCCEED");
});
