import { describe, expect, test } from "vitest";
import { dagFromWire, dagsFromWire, nodeFromWire, subTaskFromWire } from "./task";
import { readTime } from "./time";

const at = { start_time: "2026-01-01T08:00:01.2+08:00", end_time: "2026-01-01T08:00:00.9+08:00" };
const subTask = {
  id: "201677721710288671",
  task_id: 71,
  name: "Wait for all agents to execute tasks successfully",
  state: "RUNNING",
  operator: "RUN",
  ...at,
  additional_data: null,
  execute_times: 1,
  execute_agent: { ip: "10.0.0.12", port: 2886 },
  task_logs: ["..."],
};
const node = { ...subTask, id: "201677721710288644", node_id: 44, sub_tasks: [subTask] };
const dag = {
  ...node,
  id: "201677721710288617",
  dag_id: 17,
  name: "Stop OB",
  stage: 4,
  max_stage: 5,
  maintenance_type: 1,
  maintenance_key: "",
  additional_data: { sub_dags: { "10.0.0.11:2886": "201677721710288618" } },
  nodes: [node],
};

test("a running main DAG comes out whole, its end time left out", () => {
  const read = dagFromWire.parse(dag);
  expect(read).toMatchObject({
    id: "201677721710288617",
    state: "RUNNING",
    stage: 4,
    maxStage: 5,
    startedAt: "2026-01-01T00:00:01.200Z",
    endedAt: null,
    subDags: { "10.0.0.11:2886": "201677721710288618" },
    mainDagId: null,
  });
  expect(read.nodes[0]?.subTasks[0]).toMatchObject({ agent: "10.0.0.12:2886", executeTimes: 1, logs: ["..."] });
});

test("a sub DAG knows its main DAG, and an empty id is none", () => {
  expect(dagFromWire.parse({ ...dag, additional_data: { main_dag_id: "201677721710288617" } }).mainDagId).toBe(
    "201677721710288617",
  );
  expect(dagFromWire.parse({ ...dag, additional_data: { main_dag_id: "" } }).mainDagId).toBeNull();
});

test("null and absent parts are empty parts", () => {
  expect(dagFromWire.parse({ ...dag, nodes: null, additional_data: null })).toMatchObject({ nodes: [], subDags: {} });
  expect(nodeFromWire.parse({ ...node, sub_tasks: null }).subTasks).toEqual([]);
  const bare = subTaskFromWire.parse({ ...subTask, task_logs: null, execute_agent: undefined });
  expect(bare).toMatchObject({ logs: [], agent: null });
  expect(dagsFromWire.parse({ contents: null })).toEqual([]);
});

test("states, operators and keys of a later version do not break a page", () => {
  expect(dagFromWire.parse({ ...dag, state: "PAUSED", operator: "RESUME", brand_new: 1 })).toMatchObject({
    state: "UNKNOWN",
    operator: "UNKNOWN",
  });
});

test("an id and nothing else is a DAG of which nothing is known", () => {
  expect(dagFromWire.parse({ id: "17" })).toEqual({
    id: "17",
    name: "",
    state: "UNKNOWN",
    operator: "UNKNOWN",
    startedAt: null,
    endedAt: null,
    stage: 0,
    maxStage: 0,
    subDags: {},
    mainDagId: null,
    nodes: [],
  });
});

test("an answer without an id is no DAG", () => {
  expect(dagFromWire.safeParse({ ...dag, id: undefined }).success).toBe(false);
  expect(dagFromWire.safeParse(null).success).toBe(false);
});

describe("times", () => {
  test.each(["FAILED", "SUCCEED"])("the end counts when %s", (state) => {
    expect(dagFromWire.parse({ ...dag, state }).endedAt).toBe("2026-01-01T00:00:00.900Z");
  });

  test.each(["PENDING", "READY", "RUNNING", "LATER"])("the end does not count when %s", (state) => {
    expect(dagFromWire.parse({ ...dag, state }).endedAt).toBeNull();
  });

  test.each([
    "1970-01-01T08:00:00+08:00",
    "1970-01-01T00:00:00Z",
    "1969-12-31T19:00:00-05:00",
    "0001-01-01T00:00:00Z",
    "",
    "yesterday",
    null,
    undefined,
    0,
  ])("%j is no time", (value) => {
    expect(readTime(value)).toBeNull();
  });

  test("nanoseconds and offsets are read", () => {
    expect(readTime("2026-01-01T08:00:01.123456789+08:00")).toBe("2026-01-01T00:00:01.123Z");
  });
});
