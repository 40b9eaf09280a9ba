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
  /** The agent that is struck: agent 0 coordinates, agent 4 is the target; 8, which only takes part, unless told otherwise. */
  readonly agent?: number;
  /** When it is struck; before the run unless told otherwise. */
  readonly at?: Moment;
  readonly body?: Record<string, unknown>;
  readonly stage: number;
  readonly says: RegExp;
  /** How many agents are locked when it is over and the fault is gone; 0 unless told otherwise. */
  readonly locked?: number;
  /** The target's process is gone. */
  readonly isKilled?: true;
  readonly options?: Partial<SimulatorOptions>;
}

const DOWN: Fault = { kind: "agent-down" };
const RESTART: Fault = { kind: "agent-restart" };
const LONG = { options: { timeScale: 2_000 } };
const SLOWER = { options: { timeScale: 1_000 } };
const FREEZE = { agent: 4, body: { terminate: true }, stage: 3, locked: 9 };
const lost = (call: "create" | "advance" | "end", carriedOut?: true): Fault => ({ kind: "rpc-lost", call, carriedOut });
const CAUSES: readonly Cause[] = [
  { name: "agent down before", fault: DOWN, stage: 2, says: /NotAllCreated/ },
  { name: "agent down at create", at: "create", fault: DOWN, stage: 2, says: /NotAllCreated/ },
  { name: "host silent before", fault: { kind: "silent" }, stage: 2, says: /NotAllCreated/, ...LONG },
  { name: "agent down at ready", at: "ready", fault: DOWN, stage: 2, says: /NotAllReady/, locked: 1, ...LONG },
  {
    name: "sub DAG never waiting",
    fault: { kind: "never-waiting" },
    stage: 2,
    says: /NotAllReady/,
    locked: 1,
    ...LONG,
  },
  { name: "foreign lock", fault: { kind: "foreign-lock" }, stage: 2, says: /NotAllCreated/ },
  { name: "create lost", fault: lost("create"), stage: 2, says: /NotAllCreated/ },
  { name: "create carried out, answer lost", fault: lost("create", true), stage: 2, says: /NotAllCreated/, locked: 1 },
  { name: "SQL rejected", fault: { kind: "sql-error" }, agent: 4, body: {}, stage: 5, says: /MySQL\.Error/ },
  { name: "freeze rejected", fault: { kind: "freeze-error" }, ...FREEZE, says: /MySQL\.Error/ },
  { name: "freeze without end", fault: { kind: "freeze-timeout" }, ...FREEZE, says: /MinorFreezeTimeout/, ...LONG },
  { name: "advance lost", fault: lost("advance"), stage: 3, says: /NotAllAdvanced/, locked: 8, isKilled: true },
  {
    name: "agent down at advance",
    at: "advance",
    fault: DOWN,
    stage: 3,
    says: /NotAllAdvanced/,
    locked: 9,
    isKilled: true,
  },
  { name: "kill fails", fault: { kind: "kill-failure" }, agent: 4, stage: 5, says: /NotAllSucceed/, ...SLOWER },
  {
    name: "agent down at wait",
    at: "wait",
    fault: DOWN,
    stage: 5,
    says: /NotAllSucceed/,
    locked: 1,
    isKilled: true,
    ...LONG,
  },
  {
    name: "host silent at wait",
    at: "wait",
    fault: { kind: "silent" },
    stage: 4,
    says: /timeout/,
    locked: 9,
    isKilled: true,
    ...LONG,
  },
  { name: "agent down at end", at: "end", fault: DOWN, stage: 5, says: /NotAllPassed/, locked: 1, isKilled: true },
  { name: "end lost", fault: lost("end"), stage: 5, says: /NotAllPassed/, locked: 1, isKilled: true },
  { name: "a clock far ahead", fault: { kind: "clock-skew", seconds: 14 }, stage: 2, says: /NotAllCreated/ },
  {
    name: "a clock far behind",
    fault: { kind: "clock-skew", seconds: -14 },
    stage: 5,
    says: /NotAllSucceed/,
    isKilled: true,
  },
  ...(
    [
      ["create", 1, { locked: 0 }],
      ["ready", 2, { locked: 9 }],
      ["advance", 3, { locked: 9 }],
      ["end", 5, { locked: 9, isKilled: true }],
    ] as const
  ).map(([at, stage, left]): Cause => ({
    ...{ name: `coordinator restarts at ${at}`, at, fault: RESTART, agent: 0, stage, says: /interrupted/ },
    ...left,
  })),
];

const strike = ({ setFault, when }: Simulator, cause: Cause, address: string): void => {
  if (cause.at) when({ stage: cause.at }, () => setFault(address, cause.fault));
  else setFault(address, cause.fault);
};

test.each(CAUSES)("$name ends at stage $stage and leaves what it must", async (cause) => {
  const { client, at, simulator: sim } = await play(cause.options);
  strike(sim, cause, at(cause.agent ?? 8));
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
  expect(sim.observers().find((observer) => observer.address === at(4))?.isRunning).toBe(!cause.isKilled);
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
