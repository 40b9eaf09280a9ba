import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import type * as Topology from "../clusters/topology";
import { readTopology } from "../clusters/topology";
import { AppError } from "../errors";
import { findRun } from "./find-run";
import { readRun } from "./read-run";
import { at, simulator, start, stop, withSimulator, watch } from "./testing/simulated";

vi.mock("../clusters/topology", async (actual) => {
  const topology = await actual<typeof Topology>();
  return { ...topology, readTopology: vi.fn(topology.readTopology) };
});

withSimulator();

test.each(["4.2.3.0", "4.5.0.0"] as const)(
  "the run of a lost answer is found on %s, also after it has ended (ux C-11)",
  async (version) => {
    await start({ scenario: "lost-answer", version });
    const coordinator = at(1);
    const sentAtMs = Date.now();
    const scope = { type: "SERVER" as const, target: [at(4)] };
    await expect(agentOf("c1", coordinator).stop({ scope, mode: "force", forcePassDag: [] })).rejects.toMatchObject({
      sent: "maybe",
    });
    const lost = { name: "Stop OB" as const, coordinator, sentAtMs };
    const { found } = await findRun("c1", lost);
    expect(found).not.toBeNull();
    await watch(found ?? "", (run) => run.state === "SUCCEEDED");
    expect(await findRun("c1", lost)).toEqual({ found, silent: [], isSure: true });
    // With the coordinator gone, the others still carry its trace.
    simulator.setFault(coordinator, { kind: "agent-down" });
    expect(await findRun("c1", lost)).toEqual({ found, silent: [coordinator], isSure: false });
  },
);

test.each(["4.2.3.0", "4.5.0.0"] as const)(
  "none is claimed only when every agent has said so, on %s (ux C-11)",
  async (version) => {
    await start({ scenario: "medium", version });
    await watch(await stop([at(4)], "force"), (run) => run.state === "SUCCEEDED");
    await sleep(2_000);
    // The stop before is no answer to this sending, nor is one through another agent.
    const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs: Date.now() };
    expect(await findRun("c1", lost)).toEqual({ found: null, silent: [], isSure: true });
    simulator.setFault(at(8), { kind: "agent-down" });
    expect(await findRun("c1", lost)).toEqual({ found: null, silent: [at(8)], isSure: false });
    simulator.setFault(at(0), { kind: "agent-down" });
    expect(await findRun("c1", lost)).toEqual({ found: null, silent: [at(0), at(8)], isSure: false });
  },
);

test("none is not claimed while it is not known who is in the cluster", async () => {
  await start({ scenario: "medium" });
  const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs: Date.now() };
  // Not once: a reader that an earlier test left behind would take that one.
  const read = vi.mocked(readTopology).getMockImplementation() ?? expect.unreachable();
  vi.mocked(readTopology).mockImplementation(() => Promise.reject(new AppError("agent-unreachable")));
  // Nobody is called silent who has answered.
  expect(await findRun("c1", lost)).toEqual({ found: null, silent: [], isSure: false });
  vi.mocked(readTopology).mockImplementation(read);
  expect(await findRun("c1", lost)).toEqual({ found: null, silent: [], isSure: true });
});

test("a coordinator whose clock is off is searched in its own time", async () => {
  await start({ scenario: "medium" });
  simulator.setFault(at(0), { kind: "clock-skew", seconds: -300 });
  const sentAtMs = Date.now();
  const runId = await stop([at(4)], "force");
  const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs };
  expect((await findRun("c1", lost)).found).toBe(runId);
  expect(
    (await findRun("c1", { ...lost, sentAtMs: sentAtMs - 300_000, untilMs: sentAtMs - 290_000 })).found,
  ).toBeNull();
  const { run } = await readRun("c1", runId);
  expect(Math.round((run?.skewMs ?? 0) / 1_000)).toBe(-300);
});

test("a run that does something else in the same moment is somebody else's", async () => {
  await start({ scenario: "medium" });
  const sentAtMs = Date.now();
  const runId = await stop([at(4)], "force");
  await watch(runId, (run) => run.stage > 2); // by then every agent has its part
  const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs };
  const asked = { method: "force" as const, targets: [at(4)], path: "/api/v1/ob/stop", scope: "" as const };
  expect((await findRun("c1", { ...lost, asked })).found).toBe(runId);
  expect((await findRun("c1", { ...lost, asked: { ...asked, targets: [at(5)] } })).found).toBeNull();
  expect((await findRun("c1", { ...lost, asked: { ...asked, method: "terminate" } })).found).toBeNull();
  expect((await findRun("c1", { ...lost, asked: { ...asked, method: "stop" } })).found).toBeNull();
});

test("whoever looks may have another clock than whoever sent", async () => {
  await start({ scenario: "medium" });
  const coordinatorMs = Date.now();
  const runId = await stop([at(4)], "force");
  // The sender's clock was ten seconds ahead: by it alone the run began before it was sent.
  const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs: coordinatorMs + 10_000 };
  expect((await findRun("c1", lost)).found).toBeNull();
  expect((await findRun("c1", { ...lost, coordinatorMs })).found).toBe(runId);
});

/** A run that began later than this after the sending is taken for no answer to it. */
const WINDOW_MS = 3_000;
/** The engine's own word about a run, without its steps. */
const told = (runId: string) => agentOf("c1", at(0)).dag(runId, { details: false });
const ended = (runId: string) =>
  vi.waitFor(async () => expect((await told(runId)).state).toBe("FAILED"), { timeout: 15_000, interval: 50 });

test("a lost run is found by its beginning also after a cancel has set its start anew", async () => {
  await start({ scenario: "medium" });
  simulator.setFault("*", { kind: "stage-held", stage: "advance" });
  const sentAtMs = Date.now();
  const runId = await stop([at(4)], "force");
  await vi.waitFor(async () => expect((await told(runId)).stage).toBe(3), { timeout: 15_000, interval: 50 });
  await sleep(Math.max(0, sentAtMs + 2 * WINDOW_MS - Date.now()));
  await agentOf("c1", at(0)).operateDag(runId, "CANCEL");
  await ended(runId);
  expect(Date.parse((await told(runId)).startedAt ?? "")).toBeGreaterThan(sentAtMs + WINDOW_MS);
  const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs, untilMs: sentAtMs + WINDOW_MS };
  expect(await findRun("c1", lost)).toEqual({ found: runId, silent: [], isSure: true });
});

test("an earlier run that is taken up again in the moment of a sending is not taken for the lost one", async () => {
  await start({ scenario: "medium" });
  simulator.setFault(at(4), { kind: "freeze-error" });
  const earlier = await stop([at(4)], "terminate");
  await ended(earlier);
  await sleep(WINDOW_MS);
  const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs: Date.now() };
  await agentOf("c1", at(0)).operateDag(earlier, "RETRY");
  await vi.waitFor(
    async () => expect(Date.parse((await told(earlier)).startedAt ?? "")).toBeGreaterThan(lost.sentAtMs),
    { timeout: 15_000, interval: 50 },
  );
  expect(await findRun("c1", lost)).toEqual({ found: null, silent: [], isSure: true });
});

test("an agent that answers and refuses the question is not called silent, and leaves room for a run", async () => {
  await start({ scenario: "medium" });
  const lost = { name: "Stop OB" as const, coordinator: at(0), sentAtMs: Date.now() };
  vi.spyOn(agentOf("c1", at(7)), "maintenanceDag").mockRejectedValueOnce(new AppError("password-rejected"));
  expect(await findRun("c1", lost)).toEqual({ found: null, silent: [], isSure: false });
  vi.spyOn(agentOf("c1", at(0)), "agentDags").mockRejectedValueOnce(new AppError("agent-internal"));
  expect(await findRun("c1", lost)).toEqual({ found: null, silent: [], isSure: false });
});
