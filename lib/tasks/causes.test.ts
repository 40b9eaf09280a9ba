import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import type { Method } from "../lifecycle/schema";
import type { Moment } from "../simulator/dag";
import type { Fault } from "../simulator/fault";
import { readRun } from "./read-run";
import type { OfferKind, Run, RunCause } from "./schema";
import { at, inZone, simulator, start, startServers, stop, watch, withSimulator } from "./testing/simulated";

withSimulator();
vi.setConfig({ testTimeout: 60_000 });

/** Every row of protocol §7.4: agent 0 coordinates, agent 4 is the target, agent 8 takes part only. */
interface Row {
  name: string;
  fault: Fault;
  struck: number;
  /** Before the run unless told otherwise. */
  moment?: Moment;
  method?: Method;
  /** The explanation, and the agents it names; "coordinator" where the sentence is about that one. */
  says: [RunCause, number[]][];
  offers: OfferKind[];
  scale?: number;
}

const DOWN: Fault = { kind: "agent-down" };
const LONG = { scale: 2_000 };
const SILENT_EARLY: Row["says"] = [
  ["not-created", [8]],
  ["agent-silent", [8]],
];
const AGAIN: OfferKind[] = ["check-agents"];

const STOPS: Row[] = [
  { name: "agent down before", fault: DOWN, struck: 8, says: SILENT_EARLY, offers: AGAIN },
  { name: "agent down at create", fault: DOWN, struck: 8, moment: "create", says: SILENT_EARLY, offers: AGAIN },
  { name: "host silent before", fault: { kind: "silent" }, struck: 8, says: SILENT_EARLY, offers: AGAIN, ...LONG },
  {
    name: "agent down at ready",
    ...{ fault: DOWN, struck: 8, moment: "ready", ...LONG },
    says: [["never-ready", [8]]],
    offers: ["check-agents", "release"],
  },
  {
    name: "never waiting",
    ...{ fault: { kind: "never-waiting" }, struck: 8, ...LONG },
    says: [["never-ready", [8]]],
    offers: ["check-agents", "release"],
  },
  {
    name: "lock of a foreign task",
    ...{ fault: { kind: "foreign-lock" }, struck: 8 },
    says: [
      ["not-created", [8]],
      ["held-by-other", [8]],
    ],
    offers: AGAIN,
  },
  {
    name: "answer of an agent lost",
    ...{ fault: { kind: "rpc-lost", call: "create", carriedOut: true }, struck: 8 },
    says: [
      ["not-created", [8]],
      ["answer-lost", [8]],
    ],
    offers: ["check-agents", "release"],
  },
  {
    name: "stop SQL rejected",
    ...{ fault: { kind: "sql-error" }, struck: 4, method: "stop" },
    says: [["sql-refused", []]],
    offers: ["stop-remaining"],
  },
  {
    name: "flush refused",
    ...{ fault: { kind: "freeze-error" }, struck: 4, method: "terminate" },
    says: [["flush-refused", []]],
    offers: ["retry", "skip", "release"],
  },
  {
    name: "flush without end",
    ...{ fault: { kind: "freeze-timeout" }, struck: 4, method: "terminate", ...LONG },
    says: [["flush-timeout", []]],
    offers: ["retry", "skip", "release"],
  },
  {
    name: "call lost in Advance",
    ...{ fault: { kind: "rpc-lost", call: "advance" }, struck: 8 },
    says: [["advance-lost", [8]]],
    offers: ["release", "start"],
  },
  {
    name: "agent down at Advance",
    ...{ fault: DOWN, struck: 8, moment: "advance" },
    says: [["advance-lost", [8]]],
    offers: ["release", "start"],
  },
  {
    name: "kill fails 15 times",
    ...{ fault: { kind: "kill-failure" }, struck: 4, scale: 1_000 },
    says: [
      ["not-done", [4]],
      ["kill-failed", [4]],
    ],
    offers: ["stop-remaining"],
  },
  {
    name: "agent dies during Wait",
    ...{ fault: DOWN, struck: 8, moment: "wait", ...LONG },
    says: [
      ["not-done", [8]],
      ["agent-died", [8]],
    ],
    offers: ["release", "start"],
  },
  {
    name: "host silent during Wait",
    ...{ fault: { kind: "silent" }, struck: 8, moment: "wait", ...LONG },
    says: [["host-silent", [8]]],
    offers: ["release", "start"],
  },
  {
    name: "agent down at the end",
    ...{ fault: DOWN, struck: 8, moment: "end" },
    says: [["not-released", [8]]],
    offers: ["release", "start"],
  },
  {
    name: "clock ahead",
    ...{ fault: { kind: "clock-skew", seconds: 14 }, struck: 8 },
    says: [
      ["not-created", [8]],
      ["clock-ahead", [8]],
    ],
    offers: AGAIN,
  },
  {
    name: "clock behind",
    ...{ fault: { kind: "clock-skew", seconds: -14 }, struck: 8 },
    says: [
      ["not-done", [8]],
      ["clock-behind", [8]],
    ],
    offers: ["start"],
  },
  {
    name: "coordinator restarts at ready",
    ...{ fault: { kind: "agent-restart" }, struck: 0, moment: "ready" },
    says: [["coordinator-restarted", []]],
    offers: ["check-agents", "release"],
  },
  {
    name: "coordinator restarts at Advance",
    ...{ fault: { kind: "agent-restart" }, struck: 0, moment: "advance" },
    says: [["coordinator-restarted", []]],
    offers: ["release", "stop-remaining"],
  },
  {
    name: "coordinator restarts at the end",
    ...{ fault: { kind: "agent-restart" }, struck: 0, moment: "end" },
    says: [["coordinator-restarted", []]],
    offers: ["release", "start"],
  },
];

/** The engine is done, the fault is gone, and a viewer has looked at what is left. */
async function lookAfter(runId: string): Promise<Run> {
  for (;;) {
    const { run } = await readRun("c1", runId);
    if (run && run.endedAt !== null) break;
    await sleep(50);
  }
  simulator.clearFaults();
  return vi.waitFor(
    async () => {
      const { run } = await readRun("c1", runId);
      const locked = simulator.locks().filter((lock) => lock.mainDagId === runId && lock.state === "FAILED");
      expect([...(run?.now?.held ?? [])].sort()).toEqual(locked.map((lock) => lock.address).sort());
      expect(run?.now?.silent).toEqual([]);
      const alive = simulator.observers().find((observer) => observer.address === at(4));
      expect(run?.now?.groups.map(({ state }) => state)).toEqual([stateOf(alive)]);
      return run ?? expect.unreachable();
    },
    { timeout: 15_000, interval: 200 },
  );
}

const stateOf = (observer: { isRunning: boolean; isServiceStopped: boolean } | undefined) =>
  !observer?.isRunning ? "PROCESS_STOPPED" : observer.isServiceStopped ? "SERVICE_STOPPED" : "SERVING";

const told = (run: Run) => run.problems.map(({ cause, agents }) => [cause, agents]);
const strike = ({ fault, struck, moment }: Row) => {
  if (moment) simulator.when({ stage: moment }, () => simulator.setFault(at(struck), fault));
  else simulator.setFault(at(struck), fault);
};

test.each(STOPS)("$name: the stop names the agents, what is left behind and a way on (protocol §7.4)", async (row) => {
  await start({ scenario: "medium", timeScale: row.scale ?? 100 });
  strike(row);
  const run = await lookAfter(await stop([at(4)], row.method ?? "force"));
  expect(told(run)).toEqual(row.says.map(([cause, agents]) => [cause, agents.map(at)]));
  expect(run.offers.map(({ kind, obstacle }) => [kind, obstacle])).toEqual(row.offers.map((kind) => [kind, null]));
  expect(run.offers[0]?.rank).toBe("primary");
});

const STARTS: (Row & { scope?: "ZONE" })[] = [
  { name: "agent down before", fault: DOWN, struck: 8, says: SILENT_EARLY, offers: AGAIN },
  {
    name: "START SERVER rejected",
    ...{ fault: { kind: "sql-error" }, struck: 4 },
    says: [
      ["not-done", [4]],
      ["start-refused", [4]],
    ],
    offers: [],
  },
  {
    name: "no database for 600 s",
    ...{ fault: { kind: "database-down" }, struck: 4, ...LONG },
    says: [
      ["not-done", [4]],
      ["no-database", [4]],
    ],
    offers: [],
  },
  {
    name: "agent dies during Wait",
    ...{ fault: DOWN, struck: 8, moment: "wait", ...LONG },
    says: [
      ["not-done", [8]],
      ["agent-died", [8]],
    ],
    offers: ["release"],
  },
  {
    name: "START ZONE rejected",
    ...{ fault: { kind: "sql-error" }, struck: 0, moment: "zone", scope: "ZONE" },
    says: [["zone-refused", []]],
    offers: ["retry"],
  },
];

test.each(STARTS)(
  "$name: the start says so too, and what still has to be started (protocol §7.4, §7.7)",
  async (row) => {
    await start({ scenario: "medium", timeScale: row.scale ?? 100 });
    const targets = row.scope === "ZONE" ? inZone("zone2") : [at(4)];
    await watch(await stop(targets, "force"), (run) => run.outcome.state === "reached");
    strike(row);
    const runId = await startServers(targets, row.scope === "ZONE" ? "zone2" : null);
    const ended = await watch(runId, (run) => run.endedAt !== null);
    simulator.clearFaults();
    const run = await watch(runId, (one) => one.now !== null && one.now.silent.length === 0 && one.now.held !== null);
    expect(run).toMatchObject({ kind: "start", state: "FAILED", outcome: { wanted: "SERVING" } });
    expect(told(ended)).toEqual(row.says.map(([cause, agents]) => [cause, agents.map(at)]));
    expect(run.offers.map(({ kind }) => kind)).toEqual(expect.arrayContaining(row.offers));
  },
);

test("a retried Start Zone ends as failed by design, and that is said (protocol §6.5)", async () => {
  await start({ scenario: "medium", timeScale: 100 });
  const targets = inZone("zone2");
  await watch(await stop(targets, "force"), (run) => run.outcome.state === "reached");
  simulator.when({ stage: "zone" }, () => simulator.setFault(at(0), { kind: "sql-error" }));
  const runId = await startServers(targets, "zone2");
  await watch(runId, (run) => run.state === "FAILED");
  simulator.clearFaults();
  const before = await watch(runId, (run) => run.offers[0]?.kind === "retry");
  expect(before.problems.map(({ cause }) => cause)).toEqual(["zone-refused"]);
  await agentOf("c1", at(0)).operateDag(runId, "RETRY");
  const after = await watch(runId, (run) => run.stage === 6 && run.state === "FAILED");
  expect(after.problems.map(({ cause }) => cause)).toEqual(["released-before"]);
  const settled = await watch(runId, (run) => run.outcome.state === "reached");
  expect(settled.offers).toEqual([]);
});
