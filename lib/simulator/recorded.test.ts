import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { follow, type TestClient, type WireDag } from "./test-client";
import { play, servers, zones } from "./test-cluster";

/** What real agents answered, and how the simulator is brought to do the same. */
const FOLDER = new URL("recorded/", import.meta.url);
const recorded = (name: string): WireDag =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as WireDag;

type Stage = Awaited<ReturnType<typeof stage>>;
/** Three agents as they stood then: one zone and one address each, the first takes the orders. */
async function stage(timeScale: number) {
  const played = await play({ scenario: "small", ips: ["127.0.0.2", "127.0.0.3", "127.0.0.4"], timeScale });
  const send = async (path: string, body: unknown): Promise<string> => {
    const { json } = await played.client.post(path, body);
    expect(json.error).toBeUndefined();
    return json.data?.id ?? "";
  };
  const read = async (id: string): Promise<WireDag> =>
    (await played.client.get(`/task/dag/${id}`)).json.data as WireDag;
  return { ...played, send, read };
}

const PLAYS: Record<string, (stage: Stage) => Promise<WireDag>> = {
  "force-zone-stop": async ({ client, send }) =>
    toEnd(client, await send("/ob/stop", { scope: zones("zone2"), force: true })),
  "graceful-zone-stop": async ({ client, send }) => toEnd(client, await send("/ob/stop", { scope: zones("zone3") })),
  "zone-stop-flush-retried": async ({ client, send, at, simulator }) => {
    simulator.setFault(at(2), { kind: "freeze-error" });
    const id = await send("/ob/zone/zone3/stop", { freeze_server: true });
    await toEnd(client, id);
    simulator.clearFaults();
    await client.post(`/task/dag/${id}`, { operator: "RETRY" });
    return toEnd(client, id);
  },
  cancel: async ({ client, send, read, at, simulator }) => {
    simulator.setFault(at(1), { kind: "kill-slow" });
    const id = await send("/ob/stop", { scope: zones("zone2"), force: true });
    const waits = async () => (await read(id)).nodes?.[3]?.sub_tasks.map(({ state }) => state);
    await expect.poll(waits).toEqual(["SUCCEED", "RUNNING", "SUCCEED"]);
    await client.post(`/task/dag/${id}`, { operator: "CANCEL" });
    return toEnd(client, id);
  },
  dead: async ({ client, send, at, simulator }) => {
    simulator.setFault(at(2), { kind: "agent-down" });
    return toEnd(client, await send("/ob/stop", { scope: servers(at(1)), force: true }));
  },
  frozen: async ({ send, read, at, simulator }) => {
    simulator.setFault(at(2), { kind: "observer-frozen" });
    const id = await send("/ob/stop", { scope: servers(at(2)), force: true });
    const lines = async () => (await read(id)).nodes?.[1]?.sub_tasks[0]?.task_logs?.length;
    await expect.poll(lines).toBeGreaterThan(6);
    simulator.setFault(at(2), { kind: "observer-frozen" }, false);
    const waits = async () => (await read(id)).nodes?.[3]?.sub_tasks.map(({ state }) => state);
    await expect.poll(waits, { interval: 5 }).toEqual(["SUCCEED", "SUCCEED", "RUNNING"]);
    return read(id);
  },
  "start-server": async ({ client, send, at, simulator }) => {
    simulator.setObserver(at(1), "process-stopped");
    return toEnd(client, await send("/ob/start", { scope: servers(at(1)) }));
  },
  "start-zone": async ({ client, send }) => {
    await toEnd(client, await send("/ob/stop", { scope: zones("zone3") }));
    return toEnd(client, await send("/ob/start", { scope: zones("zone3") }));
  },
  "start-zone-after-kill": async ({ client, send }) => {
    await toEnd(client, await send("/ob/zone/zone3/stop", {}));
    return toEnd(client, await send("/ob/start", { scope: zones("zone3") }));
  },
};

const toEnd = async (client: TestClient, id: string): Promise<WireDag> => (await follow(client, id)).dag;

/** Times are those of that day, so only how they stand to each other is compared. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
function timesOf({ state, start_time, end_time }: { state: string; start_time: string; end_time: string }): string {
  expect([start_time, end_time]).toEqual([expect.stringMatching(TIME), expect.stringMatching(TIME)]);
  const [start, end] = [Date.parse(start_time), Date.parse(end_time)];
  if (end < start) return "ends before it starts";
  return state === "SUCCEED" || state === "FAILED" || end > start ? "ends after it starts" : "both the same";
}

/** Numbers and paths of one machine are taken out of a line; what is repeated is told once; a Go map has no order. */
function linesOf(name: string, lines: readonly string[] | null): string[] | null {
  if (lines === null) return null;
  const told = lines.map((line) =>
    line
      .replace(/(127\.0\.0\.\d):\d+/g, "$1:PORT")
      .replace(/\/task\/dag\/\d+/g, "/task/dag/ID")
      .replace(/'\S+\/lib'; \S+\/bin\/observer/, "'HOME/lib'; HOME/bin/observer")
      .replace(/\b\d{15,}\b/g, "NUMBER")
      .replace(/(Kill observer process) \d+/, "$1 PID"),
  );
  // How often an agent is found not ready is a matter of its pace, except where it is held up.
  const isPace = (line: string, at: number) =>
    /is not ready$/.test(line) && told.indexOf(line) === at && told.lastIndexOf(line) === at;
  const once = told.filter(
    (line, at) => !isPace(line, at) && (line !== told[at - 1] || /again\[|checkpoint/.test(line)),
  );
  return /^(Make sure|Advance|Inform all agents to end)/.test(name) ? once.toSorted() : once;
}

const keysOf = (value: object): string[] => Object.keys(value);

function outlineOf(dag: WireDag) {
  const { name, stage: at, max_stage: max, state, operator, additional_data: extra } = dag;
  return {
    keys: keysOf(dag),
    ...{ name, at, max, state, operator, times: timesOf(dag) },
    maintenance: [dag.maintenance_type, dag.maintenance_key],
    extra: keysOf(extra ?? {}),
    subDags: keysOf(extra?.sub_dags ?? {}).map((address) => address.replace(/:\d+$/, "")),
    nodes: dag.nodes?.map((node) => ({
      keys: keysOf(node),
      ...{ name: node.name, state: node.state, operator: node.operator, times: timesOf(node) },
      extra: node.additional_data,
      tasks: node.sub_tasks.map((task) => ({
        keys: keysOf(task),
        ...{ name: task.name, state: task.state, operator: task.operator, times: timesOf(task) },
        tries: task.execute_times,
        at: task.execute_agent.ip,
        extra: task.additional_data,
        lines: linesOf(node.name, task.task_logs),
      })),
    })),
  };
}

test("every recorded answer is played", () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  expect(names.map((name) => name.replace(".json", "")).toSorted()).toEqual(Object.keys(PLAYS).toSorted());
});

test.each(Object.keys(PLAYS))(
  "%s: a simulated run has the recorded one's shape, states, operators and lines",
  async (name) => {
    // Slow enough that what is looked at in the middle of a run is seen there.
    const dag = await PLAYS[name]?.(await stage(20));
    if (!dag) throw new Error("there is no such play");
    expect(outlineOf(dag)).toEqual(outlineOf(recorded(name)));
  },
);
