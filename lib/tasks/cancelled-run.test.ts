import { expect, test } from "vitest";
import { activeRunsOf } from "../clusters/active-runs";
import type { Dag } from "../obshell/schema";
import { dagFromWire } from "../obshell/wire/task";
import type { Server, Topology } from "../clusters/schema";
import { exampleTopology } from "../clusters/testing/example-topology";
import { endOf } from "../lifecycle/run-story";
import { assembleRun, NOT_SENT_HERE, type RunFacts } from "./assemble-run";
import { subRunOf } from "./read-sub-run";
import { recordedCancel } from "./testing/recorded-cancel";

const [FIRST, SECOND, THIRD] = ["127.0.0.2:2886", "127.0.0.3:3886", "127.0.0.4:4886"] as const;
const CREATED = "2026-11-30T17:10:05.536Z";
const ENDED_MS = Date.parse("2026-11-30T17:10:21.082Z");
const WAIT = 4;

function assemble(dag: Dag, change: Partial<RunFacts> = {}) {
  return assembleRun(dag, {
    cluster: { id: "c1", name: "core", environment: "TEST" },
    sent: { ...NOT_SENT_HERE, method: "force", targets: [FIRST, SECOND, THIRD] },
    ...{ coordinator: FIRST, zoneOf: {}, skewMs: 0, readAtMs: ENDED_MS, nowMs: ENDED_MS, readFrom: null },
    ...{ silence: null, topology: null, endedMs: ENDED_MS, sawEnd: true, verdict: null },
    ...change,
  });
}

/** The recorded run, with another Wait task of the second server, and another operator of its node and of the run. */
function recorded(task: object = {}, operators: { node?: string; run?: string } = {}): Dag {
  const told = recordedCancel();
  const nodes = told.nodes.map((node, at) =>
    at === WAIT - 1
      ? {
          ...node,
          operator: operators.node ?? node.operator,
          sub_tasks: node.sub_tasks.map((one, place) => (place === 1 ? { ...one, ...task } : one)),
        }
      : node,
  );
  return dagFromWire.parse({ ...told, operator: operators.run ?? told.operator, nodes });
}

const ofSecond = (dag: Dag) => assemble(dag).tasks.find(({ stage, agent }) => stage === WAIT && agent === SECOND);

test("a sub task that a real agent cancelled is cancelled and nothing failed, although it stays FAILED and RUN", () => {
  const { run } = assemble(recorded());
  expect(ofSecond(recorded())).toMatchObject({ state: "FAILED", operator: "CANCEL" });
  expect(run).toMatchObject({ state: "CANCELLED", problems: [], counts: { total: 3, done: 2, failed: 0 } });
  expect(run.stages.map(({ failed }) => failed)).toEqual([0, 0, 0, 0, 0]);
});

test("what a cancelled task had begun may write on after the cancel: it is cancelled all the same", () => {
  const logs = ["Wait for task to succeed", "sub task cancelled", "ERROR: [Common.Unexpected]: context canceled"];
  expect(ofSecond(recorded({ task_logs: logs }))).toMatchObject({ operator: "CANCEL" });
  expect(assemble(recorded({ task_logs: logs })).run.problems).toEqual([]);
});

test("a task that failed before the cancel came has failed, and its error is told also of a cancelled run", () => {
  const dag = recorded({ task_logs: ["Wait for task to succeed", "ERROR: [Agent.RPC.RequestFailed]: i/o timeout"] });
  expect(ofSecond(dag)?.operator).toBe("RUN");
  const { run } = assemble(dag);
  expect(run).toMatchObject({ state: "CANCELLED", counts: { done: 2, failed: 1 } });
  expect(run.stages[WAIT - 1]?.failed).toBe(1);
  expect(run.problems).toMatchObject([{ agents: [SECOND], agentCode: "Agent.RPC.RequestFailed", stage: WAIT }]);
});

test("a task that was cancelled, tried again and then failed has failed", () => {
  const logs = ["Wait for task to succeed", "sub task cancelled", "Wait for task to succeed", "ERROR: no answer"];
  const again = recorded({ task_logs: logs }, { node: "RETRY", run: "RUN" });
  expect(ofSecond(again)?.operator).toBe("RUN");
  expect(assemble(again).run).toMatchObject({
    state: "FAILED",
    counts: { failed: 1 },
    problems: [{ agents: [SECOND] }],
  });
});

test("a task that carries CANCEL itself is cancelled whatever its log says", () => {
  expect(ofSecond(recorded({ operator: "CANCEL", task_logs: ["ERROR: task is canceled"] }))?.operator).toBe("CANCEL");
});

test("a cancelled run was accepted when it was sent, and else when its parts were made: not when it was cancelled", () => {
  expect(recorded().startedAt).toBe("2026-11-30T17:10:20.068Z");
  expect(assemble(recorded()).run.startedAt).toBe(CREATED);
  const sent = { ...NOT_SENT_HERE, acceptedAt: "2026-11-30T17:10:05.600Z" };
  expect(assemble(recorded(), { sent }).run.startedAt).toBe("2026-11-30T17:10:05.600Z");
  // On the clock of its agent, which is that of its other times.
  expect(assemble(recorded(), { sent, skewMs: 60_000 }).run.startedAt).toBe("2026-11-30T17:11:05.600Z");
});

test("the stage at which a run was cancelled began with its tasks, not with the cancel", () => {
  const { run } = assemble(recorded());
  expect(run.stages[WAIT - 1]).toMatchObject({
    startedAt: "2026-11-30T17:10:11.971Z",
    endedAt: "2026-11-30T17:10:20.073Z",
  });
});

test("what a run left held is held since the run began, not since its RETRY or CANCEL", () => {
  const main = { ...recorded(), nodes: [] };
  const lock = {
    ...main,
    id: "221307064350388614",
    name: "Stop observer",
    mainDagId: main.id,
    nodes: recorded().nodes,
  };
  const [run] = activeRunsOf([{ agent: SECOND, dag: lock }], new Map([[main.id, main]]));
  expect(run).toMatchObject({ startedAt: CREATED, holds: [{ since: CREATED }] });
});

/** The three servers as they stand twenty seconds after the end. */
function seen(...states: Server["state"][]): Partial<RunFacts> {
  const readAt = new Date(ENDED_MS + 20_000).toISOString();
  const topology: Topology = exampleTopology(3, 1, { readAt });
  for (const [at, zone] of topology.zones.entries())
    for (const server of zone.servers) {
      server.address = [FIRST, SECOND, THIRD][at] ?? "";
      server.state = states[at] ?? server.state;
    }
  return { topology, nowMs: ENDED_MS + 21_000 };
}

test("a server that a cancelled run did not come to is cancelled and not failed, in numbers and on the record", () => {
  const { run } = assemble(recorded(), seen("PROCESS_STOPPED", "SERVING", "PROCESS_STOPPED"));
  expect(run.outcome).toMatchObject({ state: "missed", stopped: 2, failed: 0, cancelled: 1, notReported: 0 });
  expect(endOf(run)).toMatchObject({
    detail: { counts: { done: 2, failed: 0, unreported: 0, cancelled: 1 } },
    outcome: { kind: "cancelled" },
  });
  const failed = recorded({ task_logs: ["ERROR: [Agent.RPC.RequestFailed]: i/o timeout"] });
  expect(assemble(failed, seen("PROCESS_STOPPED", "SERVING", "PROCESS_STOPPED")).run.outcome).toMatchObject({
    ...{ state: "missed", stopped: 2, failed: 1, cancelled: 0 },
  });
});

test("a server's own part that waited when its run was cancelled is left, and did not fail", () => {
  const part = (log: string, operator = "RUN") => {
    const told = recordedCancel();
    const [node] = told.nodes;
    const task = { ...node?.sub_tasks[1], state: "FAILED", task_logs: [log] };
    const nodes = [{ ...node, name: "Start preparations", state: "FAILED", sub_tasks: [task] }];
    return dagFromWire.parse({ ...told, name: "Stop observer", operator, stage: 1, max_stage: 3, nodes });
  };
  const waits = part("wait operator to advance");
  expect(subRunOf(waits, SECOND, "RUNNING")).toMatchObject({ waitsForCoordinator: true, isLeft: false });
  expect(subRunOf(waits, SECOND, "CANCELLED")).toMatchObject({ waitsForCoordinator: false, isLeft: true });
  expect(subRunOf(part("ERROR: wait operator to advance"), SECOND, "FAILED").isLeft).toBe(true);
  expect(subRunOf(part("ERROR: kill observer timeout"), SECOND, "CANCELLED").isLeft).toBe(false);
  expect(subRunOf(part("sub task cancelled", "CANCEL"), SECOND, "CANCELLED")).toMatchObject({
    ...{ operator: "CANCEL", isLeft: false, waitsForCoordinator: false },
  });
});
