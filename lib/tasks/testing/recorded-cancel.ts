/** One sub task, as an agent of 4.5.0.0 tells it. Times are seconds after 17:10. */
const task = (
  id: number,
  name: string,
  state: string,
  [from, to]: readonly [number, number],
  port: number,
  logs: string[] | null,
) => ({
  ...{ id: `2213070643402886${id}`, task_id: id, name, state, operator: "RUN", start_time: at(from), end_time: at(to) },
  ...{ additional_data: null, execute_times: state === "PENDING" ? 0 : 1, task_logs: logs },
  execute_agent: { ip: `127.0.0.${Math.floor(port / 1000)}`, port },
});
const node = (
  id: number,
  name: string,
  [state, operator]: readonly [string, string],
  [from, to]: readonly [number, number],
  subTasks: ReturnType<typeof task>[],
) => ({
  ...{ id: `2213070643402886${id}`, node_id: id, name, state, operator, start_time: at(from), end_time: at(to) },
  ...{ additional_data: null, sub_tasks: subTasks },
});
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 30, 17, 10) + seconds * 1_000).toISOString();

const PREPARE = "Inform all agents to prepare to stop observer";
const READY = "Make sure all agents are ready";
const ADVANCE = "Advance agents to execute the task";
const WAIT = "Wait for all agents to execute tasks successfully";
const END = "Inform all agents to end the task";
const DONE = ["SUCCEED", "RUN"] as const;
const waited = (subDag: string) => [
  "Wait for task to succeed",
  "Start preparations: wait operator to advance",
  "Wait for task to end: wait operator to advance",
  `${subDag} succeed`,
];

/**
 * For tests: a stop of a zone of three agents, cancelled while its servers were being stopped, as real agents of 4.5.0.0
 * told it afterwards. Its own time and that of its Wait node are of the cancel, and no sub task carries CANCEL.
 */
export const recordedCancel = () => ({
  ...{ id: "221307064340288625", dag_id: 25, name: "Stop OB", stage: 4, max_stage: 5 },
  ...{ maintenance_type: 1, maintenance_key: "", state: "FAILED", operator: "CANCEL" },
  ...{ start_time: at(20.068), end_time: at(21.082) },
  additional_data: {
    sub_dags: {
      "127.0.0.2:2886": "221307064340288626",
      "127.0.0.3:3886": "221307064350388614",
      "127.0.0.4:4886": "221307064360488612",
    },
  },
  nodes: [
    node(
      ...([90, PREPARE, DONE, [5.701, 6.762]] as const),
      [2886, 3886, 4886].map((port, place) =>
        task(134 + place, PREPARE, "SUCCEED", [5.739, 5.756], port, ["create task successfully"]),
      ),
    ),
    node(
      91,
      READY,
      DONE,
      [7.796, 8.857],
      [task(137, READY, "SUCCEED", [7.821, 7.904], 2886, ["127.0.0.3:3886 is ready"])],
    ),
    node(92, ADVANCE, DONE, [9.905, 10.938], [task(138, ADVANCE, "SUCCEED", [9.929, 10.128], 2886, ["advance"])]),
    node(
      93,
      WAIT,
      ["FAILED", "CANCEL"],
      [20.071, 20.073],
      [
        task(139, WAIT, "SUCCEED", [11.979, 16.048], 2886, waited("221307064340288626")),
        task(140, WAIT, "FAILED", [11.974, 20.071], 3886, ["Wait for task to succeed", "sub task cancelled"]),
        task(141, WAIT, "SUCCEED", [11.971, 15.13], 4886, waited("221307064360488612")),
      ],
    ),
    node(94, END, ["PENDING", "RUN"], [5.536, 5.536], [task(142, END, "PENDING", [5.536, 5.536], 2886, null)]),
  ],
});
