import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { attempts } from "../audit/journal";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { readRun } from "../tasks/read-run";
import { readSend } from "./execute";
import { readIntent } from "./intents";
import { makePlan } from "./plans";
import { leaveOpen } from "./testing/leave-open";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

/** A stop whose flush failed is taken up again, while what everybody remembers of it is its first end. */
let stage: Stage;
afterEach(() => stage.end());

const at = (index: number) => stage.simulator.agents[index]?.address ?? "";
const until = (check: () => Promise<unknown>) => vi.waitFor(check, { timeout: 30_000, interval: 100 });
const look = () => readTopology("c1", { maxAgeMs: 0 });

/** Stopped by this console, failed, read to its end, and its record closed. */
async function failedFlush(): Promise<string> {
  stage = await startStage("sqlite", { zoneSizes: [2, 2, 2], timeScale: 60 });
  watchIntents();
  stage.simulator.setFault(at(2), { kind: "freeze-error" });
  const plan = await stage.plan([at(2)], "terminate");
  const sent = await stage.confirm(plan);
  if (sent.state !== "accepted") throw new Error(JSON.stringify(sent));
  await until(async () => expect((await readIntent(plan.id))?.recordedAt).not.toBeNull());
  await look();
  return sent.runId;
}

const engine = (runId: string) => agentOf("c1", at(0)).dag(runId, { details: false });
const plan = (action: "retry" | "skip", runId: string) => makePlan({ action, clusterId: "c1", runId }, stage.person);
const lastOf = async (action: string) => (await attempts("c1")).find(({ opened }) => opened.action === action);

test.each(["retry", "skip"] as const)(
  "a run after %s is followed to its second end, not told by its first",
  async (action) => {
    const runId = await failedFlush();
    stage.simulator.setFault(at(2), { kind: "freeze-error" }, false);
    stage.simulator.setFault("*", { kind: "stage-held", stage: "advance" });
    const made = await plan(action, runId);
    expect(await stage.confirm(made)).toMatchObject({ state: "accepted", runId });
    for (let looks = 0; looks < 8; looks += 1) {
      await readRun("c1", runId);
      expect((await engine(runId)).state).not.toBe("FAILED");
      expect(await readIntent(made.id)).toMatchObject({ endedAt: null, recordedAt: null });
      await sleep(200);
    }
    await expect(stage.confirm(await stage.plan([at(4)], "force"))).rejects.toMatchObject({
      kind: expect.stringMatching(/^(plan-blocked|stop-in-progress)$/) as string,
    });
    stage.simulator.setFault("*", { kind: "stage-held", stage: "advance" }, false);
    await until(async () => expect((await readIntent(made.id))?.recordedAt).not.toBeNull());
    expect(await lastOf(`run.${action}`)).toMatchObject({ event: "finished", outcome: { runId } });
    expect((await lastOf(`run.${action}`))?.outcome).not.toHaveProperty("kind");
  },
);

test("a second retry that never left is not taken for one, though the run was retried before", async () => {
  const runId = await failedFlush();
  const first = await plan("retry", runId);
  await stage.confirm(first);
  await until(async () => expect((await readIntent(first.id))?.recordedAt).not.toBeNull());
  expect((await lastOf("run.retry"))?.outcome).toMatchObject({ kind: "failed" });
  await look();
  const second = await plan("retry", runId);
  await leaveOpen(second);
  await until(async () => expect(await readSend("c1", second.id)).toEqual({ state: "none" }));
});
