import { describe, expect, test } from "vitest";
import { follow, type WireDag } from "./test-client";
import { play, run, servers, zones } from "./test-cluster";

const namesOf = (dag: WireDag): string[] => (dag.nodes ?? []).map((node) => node.name);

const INFORM = "Inform all agents to prepare to stop observer";
const READY = "Make sure all agents are ready";
const FREEZE = "Minor freeze before stop server";
const SQL = "Execute stop sql";
const ADVANCE = "Advance agents to execute the task";
const WAIT = "Wait for all agents to execute tasks successfully";
const END = "Inform all agents to end the task";

describe("the stages of each stop variant", () => {
  test.each([
    ["graceful", "/ob/stop", { scope: zones("zone2") }, [INFORM, READY, ADVANCE, WAIT, SQL, END]],
    ["force", "/ob/stop", { scope: zones("zone2"), force: true }, [INFORM, READY, ADVANCE, WAIT, END]],
    ["terminate", "/ob/stop", { scope: zones("zone2"), terminate: true }, [INFORM, READY, FREEZE, ADVANCE, WAIT, END]],
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
    expect(namesOf((await run(client, "/ob/start", { scope: zones("zone2") })).dag)).toEqual([
      START,
      READY,
      ADVANCE,
      WAIT,
      "Start Zone",
      END,
    ]);
    expect(namesOf((await run(client, "/ob/start", { scope: servers(at(3)) })).dag)).toHaveLength(5);
  });
});

describe("an agent's own part", () => {
  test("it waits in FAILED, is retried, kills, waits again and is passed at its good stage", async () => {
    const { client, clientAt, at, simulator: sim } = await play({ timeScale: 100 });
    const target = clientAt(4);
    // Each state that lasts is held until it was seen.
    sim.setFault(at(0), { kind: "stage-held", stage: "advance" });
    sim.setFault(at(4), { kind: "kill-slow" });
    const seenAndOn: Record<string, () => void> = {
      "FAILED/1": () => sim.setFault(at(0), { kind: "stage-held", stage: "end" }),
      "RUNNING/2": () => sim.setFault(at(4), { kind: "kill-slow" }, false),
      "FAILED/3": () => sim.clearFaults(),
    };
    const accepted = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
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
        seenAndOn[now]?.();
        if (sub.state === "SUCCEED") break;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const lasting = ["FAILED/1", "RUNNING/2", "FAILED/3", "SUCCEED/3"];
    expect(seen.filter((state) => lasting.includes(state))).toEqual(lasting);
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
    const { dag } = await run(client, "/ob/stop", { scope: servers(at(4)) });
    for (const id of Object.values(dag.additional_data?.sub_dags ?? {})) {
      const { json } = await client.get(`/task/dag/${id}`);
      expect(json.data).toMatchObject({ stage: 2, max_stage: 2, state: "SUCCEED" });
    }
  });
});
