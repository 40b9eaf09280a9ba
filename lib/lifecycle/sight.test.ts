import { afterEach, expect, test, vi } from "vitest";
import { readTopology } from "../clusters/topology";
import { readRun } from "../tasks/read-run";
import { startStage, type Stage } from "./testing/stage";
import type { Plan } from "./schema";

vi.setConfig({ testTimeout: 120_000 });
let stage: Stage;
afterEach(() => stage.end());

const at = (index: number) => stage.simulator.agents[index]?.address ?? "";
const checkOf = (plan: Plan, id: string) => plan.checks.find((check) => check.id === id) ?? expect.unreachable();

/** Reviews on a picture that is there already, as a person does who has watched the page for a while. */
async function settle(silent: string, condition: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const servers = (await readTopology("c1", { maxAgeMs: 0 })).zones.flatMap((zone) => zone.servers);
      expect(servers.find(({ address }) => address === silent)?.agent?.condition).toBe(condition);
    },
    { timeout: 30_000, interval: 300 },
  );
}

async function follow(runId: string) {
  return vi.waitFor(
    async () => {
      const { run } = await readRun("c1", runId);
      expect(run?.endedAt ?? null).not.toBeNull();
      expect(run?.settled).toBe(true);
      return run ?? expect.unreachable();
    },
    { timeout: 90_000, interval: 300 },
  );
}

test("a force stop of a silent host's server is planned, sent, and followed to what is true of it", async () => {
  stage = await startStage("sqlite", { scenario: "silent-host", timeScale: 100 });
  await settle(at(8), "silent");
  const plan = await stage.plan([at(8)], "force");
  expect(plan.state).toBe("open");
  expect(plan.checks.filter(({ level }) => level === "block")).toEqual([]);
  expect(checkOf(plan, "agents-answer")).toMatchObject({ level: "warn", params: { silent: 1 }, items: [at(8)] });
  expect(plan.targets).toMatchObject([{ address: at(8), agentAnswers: false, unheard: { condition: "silent" } }]);
  const sent = await stage.confirm(plan);
  expect(sent.state).toBe("accepted");
  const run = await follow(sent.state === "accepted" ? sent.runId : "");
  expect(run.state).toBe("FAILED");
  expect(run.outcome.state).not.toBe("reached");
  expect(run.now?.silent).toEqual([at(8)]);
  expect(run.now?.unheard).toMatchObject([{ address: at(8), condition: "silent" }]);
});

test("a force stop of another server beside a silent host is sent too, and what became of it is told by its server", async () => {
  stage = await startStage("sqlite", { scenario: "silent-host", timeScale: 100 });
  await settle(at(8), "silent");
  const plan = await stage.plan([at(4)], "force");
  expect(plan.unheard).toMatchObject([{ address: at(8), zone: "zone3", condition: "silent" }]);
  const sent = await stage.confirm(plan);
  const run = await follow(sent.state === "accepted" ? sent.runId : expect.unreachable());
  expect(run.state).toBe("FAILED");
  const [group] = run.now?.groups ?? [];
  const isUp = stage.simulator.observers().find(({ address }) => address === at(4))?.isRunning;
  expect(isUp).toBe(true);
  expect(group?.state).toMatch(/^(SERVING|SERVICE_NOT_REPORTED)$/);
});

test.each(["stop", "terminate", "force"] as const)(
  "beside a silent host %s is planned: nothing is refused for what is not known, and the verdict says what is old",
  async (method) => {
    stage = await startStage("sqlite", { timeScale: 1 });
    await readTopology("c1");
    stage.simulator.setFault(at(8), { kind: "host-silent" });
    await vi.waitFor(async () => expect((await readTopology("c1", { maxAgeMs: 0 })).overdue).not.toBeNull(), 30_000);
    const plan = await stage.plan([at(3)], method);
    expect(plan.checks.filter(({ level }) => level === "block")).toEqual([]);
    expect(plan.impact.blocks).toEqual([]);
    expect(plan.impact.majority.doubts).toContain("old");
    expect(plan.state).toBe("open");
  },
);

test("a verdict on tenants that were never told is not known, and says why", async () => {
  stage = await startStage("sqlite", { scenario: "silent-host", timeScale: 1 });
  await settle(at(8), "silent");
  const plan = await stage.plan([at(3)], "force");
  expect(plan.impact.majority).toMatchObject({ verdict: "unknown", why: "answer-overdue" });
});

test("a plan on a frozen server says what the engine does, and how to end the frozen process", async () => {
  stage = await startStage("sqlite", { timeScale: 20 });
  const frozen = at(4);
  stage.simulator.setFault(frozen, { kind: "observer-frozen" });
  await settle(frozen, "hangs");
  const plan = await stage.plan([frozen], "force");
  expect(checkOf(plan, "agents-answer")).toMatchObject({
    ...{ level: "warn", message: "hangs", items: [frozen] },
    commands: [{ address: frozen, command: expect.stringContaining("observer") as string }],
  });
  const sent = await stage.confirm(plan);
  const runId = sent.state === "accepted" ? sent.runId : expect.unreachable();
  await vi.waitFor(async () => expect((await readRun("c1", runId)).run?.stage).toBeGreaterThanOrEqual(2), 30_000);
  // The person ends it on its host: then the engine goes on.
  stage.simulator.clearFaults();
  const run = await follow(runId);
  expect(run).toMatchObject({ state: "SUCCEEDED", outcome: { state: "reached" } });
});
