import { expect, test } from "vitest";
import { exampleTopology } from "../clusters/testing/example-topology";
import type { Topology } from "../clusters/schema";
import type { Dag } from "../obshell/schema";
import { encodeTaskId } from "../obshell/wire/task-id";
import { assembleRun, NOT_SENT_HERE, silentDag, type RunFacts } from "./assemble-run";
import { COORDINATOR, exampleDag, exampleId, START } from "./example-dag";
import { subRunOf } from "./read-sub-run";

const AGENTS = exampleTopology().zones.flatMap((zone) => zone.servers.map((server) => server.address));
const [, SECOND = "", THIRD = ""] = AGENTS;

function assemble(dag: Dag, change: Partial<RunFacts> = {}) {
  return assembleRun(dag, {
    cluster: { id: "c1", name: "core", environment: "TEST" },
    sent: {
      ...NOT_SENT_HERE,
      method: "force",
      targets: [SECOND, THIRD],
      by: "local:li.wei",
      reason: "INC-1",
      planId: "p1",
    },
    coordinator: COORDINATOR,
    zoneOf: {},
    skewMs: 0,
    readAtMs: START + 8_000,
    nowMs: START + 8_000,
    readFrom: null,
    silence: null,
    topology: null,
    endedMs: null,
    sawEnd: true,
    verdict: null,
    ...change,
  });
}

const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

test("a run that was only accepted is live, and says so (ux H-1)", () => {
  const { run } = assemble(exampleDag(AGENTS, { stage: 1, state: "READY" }));
  expect(run).toMatchObject({ state: "ACCEPTED", kind: "stop", settled: false, outcome: { state: "waiting" } });
  expect(run.counts).toEqual({ total: 2, done: 0, failed: 0, running: 0, waiting: 2 });
});

test.each([
  ["force", ["prepare", "ready", "advance", "wait", "end"]],
  ["stop", ["prepare", "ready", "advance", "wait", "sql", "end"]],
  ["terminate", ["prepare", "ready", "flush", "advance", "wait", "end"]],
] as const)(
  "stages of %s have names of ours, in the engine's order, and fan out where it does (ux E8)",
  (method, keys) => {
    const { run, tasks } = assemble(exampleDag(AGENTS, { method, stage: 1 }));
    expect(run.stages.map((stage) => stage.key)).toEqual(keys);
    expect(run.stages.filter((stage) => stage.parallel).map((stage) => stage.key)).toEqual(["prepare", "wait"]);
    expect(tasks).toHaveLength(2 * AGENTS.length + keys.length - 2);
    expect(tasks.filter((task) => task.agent === null)).toHaveLength(keys.length - 2);
  },
);

test("counts are of targets, and of every agent when the run was not sent from here (ux D-11)", () => {
  const dag = exampleDag(AGENTS, {
    stage: 4,
    task: (agent, name) => (name.startsWith("Wait") && agent === SECOND ? { state: "SUCCEED", endedAt: at(8) } : {}),
  });
  expect(assemble(dag).run.counts).toEqual({ total: 2, done: 1, failed: 0, running: 1, waiting: 0 });
  const foreign = assemble(dag, { sent: NOT_SENT_HERE }).run;
  expect(foreign.counts).toEqual({ total: 9, done: 1, failed: 0, running: 8, waiting: 0 });
  expect(foreign.outcome).toMatchObject({ state: "not-checked", wanted: null });
});

test("a task is stuck after 60 s or three times the median of its finished peers, and never failed for it (ux D-9)", () => {
  const waiting = (seconds: number) =>
    exampleDag(AGENTS, {
      stage: 4,
      task: (agent, name) =>
        name.startsWith("Wait")
          ? { startedAt: at(0), ...(agent === SECOND ? {} : { state: "SUCCEED", endedAt: at(seconds) }) }
          : {},
    });
  const stuckAfter = (dag: Dag, seconds: number) =>
    assemble(dag, { readAtMs: START + seconds * 1_000 }).tasks.filter((task) => task.stuck).length;
  expect([stuckAfter(waiting(10), 59), stuckAfter(waiting(10), 61)]).toEqual([0, 1]);
  expect([stuckAfter(waiting(30), 89), stuckAfter(waiting(30), 91)]).toEqual([0, 1]);
  // Durations are measured on the engine's clock (D-12).
  const ahead = assemble(waiting(10), { readAtMs: START + 1_000, skewMs: 60_000 });
  expect(ahead.tasks.filter((task) => task.stuck)).toHaveLength(1);
  expect(ahead.run.counts.failed).toBe(0);
});

test("an estimate needs five finished peers and is a range (ux D-13)", () => {
  const done = (count: number) =>
    exampleDag(AGENTS, {
      stage: 4,
      task: (agent, name) =>
        name.startsWith("Wait") && AGENTS.indexOf(agent) < count
          ? { state: "SUCCEED", startedAt: at(6), endedAt: at(12) }
          : {},
    });
  expect(assemble(done(4), { readAtMs: START + 12_000 }).run.estimate).toBeNull();
  const estimate = assemble(done(6), { readAtMs: START + 12_000 }).run.estimate;
  expect(estimate?.fromSeconds).toBeGreaterThan(0);
  expect(estimate?.toSeconds).toBeGreaterThan(estimate?.fromSeconds ?? 0);
  expect(assemble(done(9), { readAtMs: START + 12_000 }).run.estimate).toBeNull();
});

test("cancelled is FAILED by CANCEL, skipped keeps PASS, and neither is a problem (ux E9)", () => {
  const cancelled = exampleDag(AGENTS, {
    stage: 4,
    state: "FAILED",
    task: (_agent, name) => (name.startsWith("Wait") ? { state: "FAILED", operator: "CANCEL" } : {}),
    change: { operator: "CANCEL" },
  });
  const { run } = assemble(cancelled);
  expect(run).toMatchObject({ state: "CANCELLED", problems: [] });
  expect(run.counts.failed).toBe(0);
});

test("a server that survived its kill is failed at once, although the engine's own task succeeded (check 14)", () => {
  const dag = exampleDag(AGENTS, {
    stage: 4,
    task: (agent, name) => {
      if (!name.startsWith("Wait")) return {};
      const waits = "Start preparations: ERROR: wait operator to advance";
      if (agent === SECOND)
        return {
          state: "SUCCEED",
          logs: [waits, "Stop observer: ERROR: [OB.Cluster.AsyncOperationTimeout]: kill observer process timeout"],
        };
      return { state: "SUCCEED", logs: [waits, `${encodeTaskId(agent, 5)} succeed`] };
    },
  });
  const { run, tasks } = assemble(dag);
  expect(run.state).toBe("RUNNING");
  expect(run.counts).toMatchObject({ done: 1, failed: 1 });
  expect(tasks.filter((task) => task.state === "FAILED").map((task) => task.agent)).toEqual([SECOND]);
  expect(run.problems).toMatchObject([
    {
      kind: "agents-not-done",
      agents: [SECOND],
      agentCode: "OB.Cluster.AsyncOperationTimeout",
      agentMessage: "kill observer process timeout",
      taskId: tasks.find((task) => task.agent === SECOND && task.stage === 4)?.id,
    },
  ]);
});

test("the reason of a failed stage 2 is taken from the stage before, which itself succeeded (protocol §7.5)", () => {
  const main = exampleId(9);
  const held = `ERROR: ${SECOND} failed to create the task due to '[Agent.RPC.RequestError]: agent ${SECOND} is under maintenance by DAG [${main}:Stop observer]' and will try again[3/3].`;
  const refused = `ERROR: ${THIRD} failed to create the task due to '[Agent.RPC.RequestFailed]: Post "http://${THIRD}/rpc/v1/ob/stop": dial tcp ${THIRD}: connect: connection refused' and will try again[3/3].`;
  const missing = `check sub dag created failed: not all agents created: [${SECOND} ${THIRD}]`;
  const dag = exampleDag(AGENTS, {
    stage: 2,
    state: "FAILED",
    task: (agent, name) => {
      if (name.startsWith("Make")) return { logs: [`ERROR: [Task.SubDag.NotAllCreated]: ${missing}`] };
      if (!name.includes("prepare")) return {};
      if (agent === SECOND) return { logs: ["inform", held] };
      if (agent === THIRD) return { logs: ["inform", refused] };
      return { logs: ["inform", `create task ${encodeTaskId(agent, 5)} successfully`] };
    },
  });
  const { run, tasks } = assemble(dag);
  expect(run.state).toBe("FAILED");
  expect(run.problems).toMatchObject([
    { kind: "agents-not-ready", stage: 2, agents: [SECOND, THIRD], agentMessage: missing, heldBy: [main] },
    { kind: "under-maintenance", stage: 1, agents: [SECOND], heldBy: [main] },
    { kind: "peer-failed", stage: 1, agents: [THIRD], agentCode: "Agent.RPC.RequestFailed", heldBy: [] },
  ]);
  expect(tasks.filter((task) => task.state === "FAILED" && task.stage === 1).map((task) => task.agent)).toEqual([
    SECOND,
    THIRD,
  ]);
});

test("a hundred agents that refuse alike are one problem that names them all", () => {
  const agents = Array.from({ length: 100 }, (_, n) => `10.0.9.${n + 1}:2886`);
  const dag = exampleDag(agents, {
    stage: 2,
    state: "FAILED",
    task: (agent, name) =>
      name.includes("prepare")
        ? { logs: [`ERROR: ${agent} failed to create the task due to '[Agent.RPC.RequestFailed]: dial tcp ${agent}'`] }
        : { logs: name.startsWith("Make") ? ["ERROR: [Task.SubDag.NotAllCreated]: none"] : [] },
  });
  const { problems } = assemble(dag).run;
  expect(problems.map(({ kind, agents: about }) => [kind, about.length])).toEqual([
    ["agents-not-ready", 0],
    ["peer-failed", 100],
  ]);
});

test("an error without a code, as older agents write it, keeps its words", () => {
  const dag = exampleDag(AGENTS, {
    stage: 5,
    method: "stop",
    state: "FAILED",
    task: (_agent, name) => (name === "Execute stop sql" ? { logs: ["Stop observer", "ERROR: Error 4660: no"] } : {}),
  });
  expect(assemble(dag).run.problems).toMatchObject([
    { kind: "other", agentCode: null, agentMessage: "Error 4660: no" },
  ]);
});

test("silence makes a live run unknown and never failed, and leaves an ended one as it is (ux E11, check 17)", () => {
  const silence = { kind: "agent-unreachable" as const, message: "" };
  const live = assemble(exampleDag(AGENTS, { stage: 4 }), { silence }).run;
  expect(live).toMatchObject({ state: "UNKNOWN", settled: false, estimate: null });
  expect(live.problems).toMatchObject([{ kind: "agent-unreachable", agents: [COORDINATOR] }]);
  expect(assemble(exampleDag(AGENTS, { stage: 5, state: "SUCCEED" }), { silence }).run.state).toBe("SUCCEEDED");
  const facts = { ...NOT_SENT_HERE, acceptedAt: at(0), reason: "INC-1" };
  const sent = assemble(silentDag(exampleId(17), "Stop OB"), { silence, sent: facts }).run;
  expect(sent).toMatchObject({ state: "UNKNOWN", reason: "INC-1", startedAt: at(0), stages: [] });
});

test.each([
  ["agent-unreachable", "coordinator-silent"],
  ["agent-timeout", "coordinator-silent"],
  ["task-not-found", "run-forgotten"],
  ["password-rejected", "coordinator-untold"],
  ["agent-key-changed", "coordinator-untold"],
  ["peer-failed", "coordinator-untold"],
] as const)("a coordinator that fails with %s is %s: silent is only who gave no answer", (kind, cause) => {
  const { run } = assemble(exampleDag(AGENTS, { stage: 4 }), { silence: { kind, message: "" } });
  expect(run).toMatchObject({ state: "UNKNOWN", problems: [{ cause, agents: [COORDINATOR] }] });
});

/** A picture of the cluster, read `seconds` after the start, in which these servers are in these states. */
function seen(seconds: number, states: Record<string, Topology["zones"][number]["servers"][number]["state"]>) {
  const topology = exampleTopology(3, 3, { readAt: at(seconds) });
  for (const zone of topology.zones)
    for (const server of zone.servers) server.state = states[server.address] ?? server.state;
  return topology;
}
const succeeded = exampleDag(AGENTS, { stage: 5, state: "SUCCEED" });
const ended = { endedMs: START + 10_000 };
const both = (state: "PROCESS_STOPPED" | "SERVICE_STOPPED" | "SERVING") => ({ [SECOND]: state, [THIRD]: state });

test("success is claimed only when the servers show it, after the end (ux H-1)", () => {
  const outcome = (topology: Topology | null, nowSeconds: number, change: Partial<RunFacts> = {}) =>
    assemble(succeeded, { ...ended, topology, nowMs: START + nowSeconds * 1_000, ...change }).run;
  expect(outcome(null, 11)).toMatchObject({ settled: false, outcome: { state: "waiting" } });
  const before = outcome(seen(9, both("PROCESS_STOPPED")), 11);
  expect(before).toMatchObject({ settled: false, outcome: { state: "waiting" } });
  const after = outcome(seen(12, both("PROCESS_STOPPED")), 13);
  expect(after).toMatchObject({ settled: true, outcome: { state: "reached", stopped: 2, total: 2, missed: [] } });
  // The process must be gone: a stopped service is not what force was asked for.
  expect(outcome(seen(12, both("SERVICE_STOPPED")), 13).outcome.state).toBe("waiting");
});

test("what has not reported is said in numbers, and missed only after a minute (ux H-3, P2)", () => {
  const topology = (seconds: number) => seen(seconds, { [SECOND]: "SERVING", [THIRD]: "NOT_REPORTED" });
  const early = assemble(succeeded, { ...ended, topology: topology(20), nowMs: START + 21_000 }).run;
  expect(early.outcome).toMatchObject({ state: "waiting", stopped: 0, failed: 0, notReported: 2 });
  const late = assemble(succeeded, { ...ended, topology: topology(72), nowMs: START + 72_000 }).run;
  expect(late).toMatchObject({ settled: true, outcome: { state: "missed", stopped: 0, failed: 1, notReported: 1 } });
  expect(late.outcome.missed).toEqual([SECOND, THIRD]);
});

test("a run that ended long before anybody looked is not judged by what the servers do today", () => {
  const facts = { ...ended, sawEnd: false, nowMs: START + 86_400_000 };
  const today = assemble(succeeded, { ...facts, topology: seen(86_400, both("SERVING")) }).run;
  expect(today).toMatchObject({ settled: true, outcome: { state: "not-checked" } });
  expect(assemble(succeeded, { ...facts, topology: seen(86_400, both("PROCESS_STOPPED")) }).run.outcome.state).toBe(
    "reached",
  );
  const verdict = assemble(succeeded, { ...ended, topology: seen(12, both("PROCESS_STOPPED")) }).run.outcome;
  const again = assemble(succeeded, { ...facts, topology: seen(86_400, both("SERVING")), verdict }).run;
  expect(again.outcome).toEqual(verdict);
});

test("a plain stop wants the service stopped, by server or with its zone", () => {
  const sent = {
    ...NOT_SENT_HERE,
    method: "stop" as const,
    targets: [SECOND, THIRD],
    by: "x",
    reason: "",
    planId: "p",
  };
  const dag = exampleDag(AGENTS, { method: "stop", stage: 6, state: "SUCCEED" });
  const look = (topology: Topology) =>
    assemble(dag, { ...ended, sent, topology, nowMs: START + 15_000 }).run.outcome.state;
  expect(look(seen(12, both("SERVICE_STOPPED")))).toBe("reached");
  expect(look(seen(12, both("SERVING")))).toBe("waiting");
  const withZone = seen(12, { [SECOND]: "SERVICE_STOPPED", [THIRD]: "PROCESS_STOPPED" });
  expect(look(withZone)).toBe("waiting");
  for (const zone of withZone.zones) if (zone.name === "zone1") zone.innerStatus = "INACTIVE";
  expect(look(withZone)).toBe("reached");
});

test("a failed run tells in numbers where the servers are now, once a picture is from after its end (ux H-3, V-4)", () => {
  const dag = exampleDag(AGENTS, {
    stage: 5,
    state: "FAILED",
    task: (_agent, name) =>
      name.startsWith("Inform all agents to end")
        ? { logs: [`ERROR: [Task.SubDag.NotAllSucceed]: not all agents succeed: [${SECOND}]`] }
        : {},
  });
  const topology = seen(15, { [SECOND]: "SERVING", [THIRD]: "PROCESS_STOPPED" });
  const { run } = assemble(dag, { ...ended, topology, nowMs: START + 16_000 });
  expect(run.outcome).toMatchObject({ state: "missed", stopped: 1, failed: 1, notReported: 0, missed: [SECOND] });
  expect(run.counts).toMatchObject({ done: 1, failed: 1, waiting: 0 });
  const hasty = assemble(dag, { ...ended, topology: seen(11, {}), nowMs: START + 12_000 }).run;
  expect(hasty).toMatchObject({ settled: false, outcome: { state: "waiting" } });
});

test("a sub run that is FAILED waits while its main run goes on, and has failed only after it (ux E10, check 15)", () => {
  const sub: Dag = { ...exampleDag([SECOND], { stage: 1, state: "FAILED" }), name: "Stop observer" };
  expect(subRunOf(sub, SECOND, "RUNNING").waitsForCoordinator).toBe(true);
  expect(subRunOf(sub, SECOND, "UNKNOWN").waitsForCoordinator).toBe(true);
  expect(subRunOf(sub, SECOND, "FAILED").waitsForCoordinator).toBe(false);
  expect(subRunOf({ ...sub, operator: "CANCEL" }, SECOND, "RUNNING").waitsForCoordinator).toBe(false);
});
