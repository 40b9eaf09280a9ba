import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import type { Moment } from "../simulator/dag";
import { readRun } from "./read-run";
import type { OfferKind, Run } from "./schema";
import { at, isSettled, simulator, start, startServers, stop, watch, withSimulator } from "./testing/simulated";

withSimulator();
vi.setConfig({ testTimeout: 60_000 });

const DEAD = 8;
const TARGET = 4;
const FAST = 2_000;

/** A picture in which every agent answers again. */
const allBack = (runId: string): Promise<Run> =>
  watch(runId, (run) => run.now !== null && run.now.silent.length === 0 && run.now.notAsked.length === 0);

async function ended(id: string): Promise<string> {
  for (;;) {
    const { state } = await agentOf("c1", at(0)).dag(id, { details: false });
    if (state === "SUCCEED" || state === "FAILED") return state;
    await sleep(50);
  }
}

/** Does what the offer would do: the requests of a release, or a new stop of the servers that it is about. */
async function follow(kind: OfferKind, run: Run): Promise<string> {
  const touches = run.offers.find((offer) => offer.kind === kind)?.touches ?? expect.unreachable();
  if (kind === "release") {
    const { activeRuns } = await readTopology("c1", { maxAgeMs: 0 });
    const holds = activeRuns?.find(({ id }) => id === run.id)?.holds ?? [];
    expect(holds.map(({ agent }) => agent).sort()).toEqual([...touches].sort());
    await Promise.all(holds.map(({ agent, taskId }) => agentOf("c1", agent).operateDag(taskId, "PASS")));
    return "released";
  }
  const servers = kind === "check-agents" ? (run.targets ?? []) : touches;
  return ended(await stop(servers, "force"));
}

test.each<[Moment | "before", OfferKind[]]>([
  ["before", ["check-agents"]],
  ["create", ["check-agents"]],
  ["advance", ["release"]],
  ["wait", ["release"]],
  ["end", ["release"]],
])("an agent that dies at its moment (%s) is named, and the way on works when it is back", async (moment, way) => {
  await start({ scenario: "medium", timeScale: FAST });
  const die = () => simulator.setFault(at(DEAD), { kind: "agent-down" });
  if (moment === "before") die();
  else simulator.when({ stage: moment }, die);
  const failed = await watch(await stop([at(TARGET)], "force"), isSettled);
  expect(failed).toMatchObject({ state: "FAILED", now: { silent: [at(DEAD)] } });
  expect(failed.problems.flatMap(({ agents }) => agents)).toContain(at(DEAD));
  const wasStopped = moment !== "before" && moment !== "create";
  expect(failed.outcome).toMatchObject(wasStopped ? { state: "reached", stopped: 1 } : { state: "missed", stopped: 0 });
  // Whether the dead agent is held is not claimed while it cannot be asked.
  expect(failed.now?.notAsked).toEqual([at(DEAD)]);

  simulator.clearFaults();
  const run = await allBack(failed.id);
  expect(run.offers.slice(0, way.length).map(({ kind, obstacle }) => [kind, obstacle])).toEqual(
    way.map((kind) => [kind, null]),
  );
  for (const kind of way) expect(await follow(kind, run)).toMatch(/released|SUCCEED/);
  await expect.poll(() => simulator.locks()).toEqual([]);
  const isDown = (one: Run) => one.now?.groups[0]?.state === "PROCESS_STOPPED";
  const after = await watch(failed.id, (one) => isDown(one) && one.now?.held?.length === 0);
  expect(after.now?.groups).toEqual([{ state: "PROCESS_STOPPED", servers: [at(TARGET)] }]);
  expect(after.offers.map(({ kind }) => kind)).not.toContain("release");
});

test("the coordinator dies while it waits and comes back: unknown in between, then the true end (ux E11)", async () => {
  await start({ scenario: "medium", timeScale: 20 });
  simulator.setFault(at(TARGET), { kind: "kill-slow" });
  simulator.when({ stage: "wait" }, () => simulator.setFault(at(0), { kind: "agent-down" }));
  const runId = await stop([at(TARGET)], "force");
  const unknown = await watch(runId, (run) => run.state === "UNKNOWN" && run.now !== null);
  expect(unknown.offers[0]).toMatchObject({ kind: "read-elsewhere", rank: "primary" });
  expect(unknown.offers.map(({ kind }) => kind)).not.toContain("stop-remaining");
  expect(unknown.problems.at(-1)).toMatchObject({ cause: "coordinator-silent", agents: [at(0)] });
  expect(unknown.now).toMatchObject({ silent: [at(0)] });
  simulator.clearFaults();
  expect(await watch(runId, isSettled)).toMatchObject({ state: "SUCCEEDED", outcome: { state: "reached" } });
});

test("an engine that forgets a run leaves the last picture and shows the servers as they are (ux §19)", async () => {
  await start({ scenario: "medium", timeScale: 20 });
  simulator.setFault(at(TARGET), { kind: "kill-slow" });
  const runId = await stop([at(TARGET)], "force");
  const before = await watch(runId, (run) => run.stage === 4);
  simulator.setFault(at(0), { kind: "store-lost" });
  const gone = await watch(runId, (run) => run.state === "UNKNOWN" && run.now !== null);
  expect(gone).toMatchObject({ stage: 4, settled: false, startedAt: before.startedAt, by: "li.wei" });
  expect(gone.stages.map(({ state }) => state).slice(0, 3)).toEqual(["SUCCEED", "SUCCEED", "SUCCEED"]);
  expect(gone.problems.at(-1)).toMatchObject({ cause: "run-forgotten", agents: [at(0)] });
  expect((await readRun("c1", runId)).ageMs).toBeGreaterThan(0);
  simulator.clearFaults();
  // Agents that still take part in it hold its lock, and say so themselves.
  const held = await watch(runId, (run) => (run.now?.held?.length ?? 0) > 0);
  expect(held.offers.map(({ kind }) => kind)).toEqual(["read-elsewhere", "release"]);
});

test("after a restart of the console a forgotten start is told from the audit, under its own name (ux §19)", async () => {
  await start({ scenario: "medium", timeScale: 50 });
  await ended(await stop([at(TARGET)], "force"));
  const runId = await startServers([at(TARGET)]);
  simulator.setFault(at(0), { kind: "store-lost" });
  const run = await watch(runId, (one) => one.now !== null);
  expect(run).toMatchObject({ state: "UNKNOWN", kind: "start", name: "Start OB", targets: [at(TARGET)], by: "li.wei" });
  expect(run.problems).toMatchObject([{ cause: "run-forgotten", agents: [at(0)] }]);
  expect(run.now?.groups.flatMap(({ servers }) => servers)).toEqual([at(TARGET)]);
});

test("the database is down for the whole run: it is followed to its end from the agents alone (protocol §0.5)", async () => {
  await start({ scenario: "db-down", timeScale: 50 });
  const run = await watch(await stop([at(TARGET)], "force"), isSettled);
  expect(run).toMatchObject({ state: "SUCCEEDED", outcome: { state: "reached", stopped: 1 }, problems: [] });
  expect(run.now?.groups).toEqual([{ state: "PROCESS_STOPPED", servers: [at(TARGET)] }]);
});
