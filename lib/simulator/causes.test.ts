import { expect, test } from "vitest";
import type { Simulator, SimulatorOptions } from "./cluster";
import type { Moment } from "./dag";
import type { Fault } from "./fault";
import { follow, type WireDag } from "./test-client";
import { play, servers } from "./test-cluster";

/** The last line of the failed node's failed sub task. */
const lastLine = (dag: WireDag): string =>
  (dag.nodes ?? [])
    .find((node) => node.state === "FAILED")
    ?.sub_tasks.find((task) => task.state === "FAILED")
    ?.task_logs?.at(-1) ?? "";

interface Cause {
  readonly name: string;
  readonly fault: Fault;
  /** The agent that is struck; agent 0 coordinates, agent 4 is the target. */
  readonly agent: number;
  /** When it is struck; before the run unless told otherwise. */
  readonly at?: Moment;
  readonly body?: Record<string, unknown>;
  readonly stage: number;
  readonly says: RegExp;
  /** How many agents are locked when it is over and the fault is gone; 0 unless told otherwise. */
  readonly locked?: number;
  /** The target's process lives on. */
  readonly isAlive: boolean;
  readonly options?: Partial<SimulatorOptions>;
}

const LONG = { timeScale: 2_000 };
const CAUSES: readonly Cause[] = [
  {
    name: "agent down before",
    fault: { kind: "agent-down" },
    agent: 8,
    stage: 2,
    says: /NotAllCreated/,
    isAlive: true,
  },
  {
    name: "agent down at create",
    at: "create",
    fault: { kind: "agent-down" },
    agent: 8,
    stage: 2,
    says: /NotAllCreated/,
    isAlive: true,
  },
  {
    name: "host silent before",
    fault: { kind: "silent" },
    agent: 8,
    stage: 2,
    says: /NotAllCreated/,
    isAlive: true,
    options: LONG,
  },
  {
    name: "agent down at ready",
    at: "ready",
    fault: { kind: "agent-down" },
    agent: 8,
    stage: 2,
    says: /NotAllReady/,
    locked: 1,
    isAlive: true,
    options: LONG,
  },
  {
    name: "sub DAG never waiting",
    fault: { kind: "never-waiting" },
    agent: 8,
    stage: 2,
    says: /NotAllReady/,
    locked: 1,
    isAlive: true,
    options: LONG,
  },
  { name: "foreign lock", fault: { kind: "foreign-lock" }, agent: 8, stage: 2, says: /NotAllCreated/, isAlive: true },
  {
    name: "create lost",
    fault: { kind: "rpc-lost", call: "create" },
    agent: 8,
    stage: 2,
    says: /NotAllCreated/,
    isAlive: true,
  },
  {
    name: "create carried out, answer lost",
    fault: { kind: "rpc-lost", call: "create", carriedOut: true },
    agent: 8,
    stage: 2,
    says: /NotAllCreated/,
    locked: 1,
    isAlive: true,
  },
  {
    name: "SQL rejected",
    fault: { kind: "sql-error" },
    agent: 4,
    body: {},
    stage: 5,
    says: /MySQL\.Error/,
    isAlive: true,
  },
  {
    name: "freeze rejected",
    fault: { kind: "freeze-error" },
    agent: 4,
    body: { terminate: true },
    stage: 3,
    says: /MySQL\.Error/,
    locked: 9,
    isAlive: true,
  },
  {
    name: "freeze without end",
    fault: { kind: "freeze-timeout" },
    agent: 4,
    body: { terminate: true },
    stage: 3,
    says: /MinorFreezeTimeout/,
    locked: 9,
    isAlive: true,
    options: LONG,
  },
  {
    name: "advance lost",
    fault: { kind: "rpc-lost", call: "advance" },
    agent: 8,
    stage: 3,
    says: /NotAllAdvanced/,
    locked: 8,
    isAlive: false,
  },
  {
    name: "agent down at advance",
    at: "advance",
    fault: { kind: "agent-down" },
    agent: 8,
    stage: 3,
    says: /NotAllAdvanced/,
    locked: 9,
    isAlive: false,
  },
  {
    name: "kill fails",
    fault: { kind: "kill-failure" },
    agent: 4,
    stage: 5,
    says: /NotAllSucceed/,
    isAlive: true,
    options: { timeScale: 1_000 },
  },
  {
    name: "agent down at wait",
    at: "wait",
    fault: { kind: "agent-down" },
    agent: 8,
    stage: 5,
    says: /NotAllSucceed/,
    locked: 1,
    isAlive: false,
    options: LONG,
  },
  {
    name: "host silent at wait",
    at: "wait",
    fault: { kind: "silent" },
    agent: 8,
    stage: 4,
    says: /timeout/,
    locked: 9,
    isAlive: false,
    options: LONG,
  },
  {
    name: "agent down at end",
    at: "end",
    fault: { kind: "agent-down" },
    agent: 8,
    stage: 5,
    says: /NotAllPassed/,
    locked: 1,
    isAlive: false,
  },
  {
    name: "end lost",
    fault: { kind: "rpc-lost", call: "end" },
    agent: 8,
    stage: 5,
    says: /NotAllPassed/,
    locked: 1,
    isAlive: false,
  },
  {
    name: "a clock far ahead",
    fault: { kind: "clock-skew", seconds: 14 },
    agent: 8,
    stage: 2,
    says: /NotAllCreated/,
    isAlive: true,
  },
  {
    name: "a clock far behind",
    fault: { kind: "clock-skew", seconds: -14 },
    agent: 8,
    stage: 5,
    says: /NotAllSucceed/,
    isAlive: false,
  },
  {
    name: "coordinator restarts at create",
    at: "create",
    fault: { kind: "agent-restart" },
    agent: 0,
    stage: 1,
    says: /interrupted/,
    isAlive: true,
  },
  {
    name: "coordinator restarts at ready",
    at: "ready",
    fault: { kind: "agent-restart" },
    agent: 0,
    stage: 2,
    says: /interrupted/,
    locked: 9,
    isAlive: true,
  },
  {
    name: "coordinator restarts at advance",
    at: "advance",
    fault: { kind: "agent-restart" },
    agent: 0,
    stage: 3,
    says: /interrupted/,
    locked: 9,
    isAlive: true,
  },
  {
    name: "coordinator restarts at end",
    at: "end",
    fault: { kind: "agent-restart" },
    agent: 0,
    stage: 5,
    says: /interrupted/,
    locked: 9,
    isAlive: false,
  },
];

const strike = ({ setFault, when }: Simulator, cause: Cause, address: string): void => {
  if (cause.at) when({ stage: cause.at }, () => setFault(address, cause.fault));
  else setFault(address, cause.fault);
};

test.each(CAUSES)("$name ends at stage $stage and leaves what it must", { timeout: 20_000 }, async (cause) => {
  const { client, at, simulator: sim } = await play(cause.options);
  strike(sim, cause, at(cause.agent));
  const { json } = await client.post("/ob/stop", { scope: servers(at(4)), ...(cause.body ?? { force: true }) });
  const id = json.data?.id ?? "";
  const { dag } = await follow(client, id);
  expect([dag.state, dag.stage]).toEqual(["FAILED", cause.stage]);
  expect(lastLine(dag)).toMatch(cause.says);
  sim.clearFaults();
  await expect
    .poll(() =>
      sim
        .locks()
        .filter((lock) => lock.state === "FAILED")
        .map((lock) => lock.mainDagId),
    )
    .toEqual(Array(cause.locked ?? 0).fill(id));
  expect(sim.observers().find((observer) => observer.address === at(4))?.isRunning).toBe(cause.isAlive);
});

test.each([
  ["4.3.1.0", "FAILED"],
  ["4.3.2.0", "SUCCEED"],
] as const)("an agent of %s that is five seconds ahead of the coordinator: %s", async (version, state) => {
  const { client, at, simulator: sim } = await play({ version });
  sim.setFault(at(8), { kind: "clock-skew", seconds: 5 });
  const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
  expect((await follow(client, json.data?.id ?? "")).dag.state).toBe(state);
  expect(sim.locks()).toEqual([]);
});
