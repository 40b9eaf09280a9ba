import { expect, test } from "vitest";
import { readTopology } from "../clusters/topology";
import { listRuns } from "./list-runs";
import { readRun } from "./read-run";
import { at, inZone, isSettled, simulator, start, stop, withSimulator, watch } from "./testing/simulated";

withSimulator();

test("a server that survives its kill is failed before the run is, and the end says so in numbers (check 14, H-3)", async () => {
  await start({ scenario: "one-fails", timeScale: 20 });
  const targets = inZone("zone2");
  const failing = targets[1] ?? "";
  const runId = await stop(targets, "force");
  const reason = { agents: [failing], agentCode: "OB.Cluster.AsyncOperationTimeout", stage: 4 };
  expect((await watch(runId, (run) => run.counts.failed > 0)).problems).toContainEqual(expect.objectContaining(reason));
  const run = await watch(runId, isSettled);
  expect(run).toMatchObject({
    state: "FAILED",
    counts: { total: 3, done: 2, failed: 1 },
    outcome: { state: "missed", stopped: 2, failed: 1, notReported: 0, missed: [failing] },
  });
  expect(run.problems.map(({ kind }) => kind)).toContain("agents-not-done");
  const { tasks } = await readRun("c1", runId);
  expect(tasks.filter((task) => task.state === "FAILED").map((task) => task.agent)).toEqual([failing, null]);
});

test("an agent that did not accept is named with its reason, and no server is where the run wanted it (check 8)", async () => {
  await start({ scenario: "agent-dead", timeScale: 20 });
  const dead = simulator.agents.at(-1)?.address ?? "";
  const run = await watch(await stop([at(3)], "force"), isSettled);
  expect(run).toMatchObject({ state: "FAILED", stage: 2, outcome: { state: "missed", stopped: 0, failed: 1 } });
  expect(run.problems).toMatchObject([
    { kind: "agents-not-ready", agents: [dead], agentCode: "Task.SubDag.NotAllCreated" },
    { kind: "peer-failed", stage: 1, agents: [dead] },
  ]);
});

test("who holds the maintenance of an agent is read from the stage that succeeded (protocol §7.5)", async () => {
  await start({ scenario: "maintenance-held" });
  const holder = (await readTopology("c1", { maxAgeMs: 0 })).activeRuns?.[0]?.id ?? "";
  const run = await watch(await stop([at(3)], "force"), (one) => one.state === "FAILED");
  expect(run.problems[0]).toMatchObject({ kind: "agents-not-ready", heldBy: [holder] });
  expect(run.problems[1]).toMatchObject({ kind: "under-maintenance", agents: inZone("zone2"), heldBy: [holder] });
  const held = (await listRuns("c1")).find((line) => line.id === holder);
  expect(held).toMatchObject({ state: "CANCELLED", holdsMaintenance: true, by: null });
});
