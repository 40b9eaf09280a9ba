import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { attempts } from "../audit/journal";
import { ENGINES } from "../db/testing/fresh-store";
import { createTestClient } from "../simulator/test-client";
import { readSend } from "./execute";
import { readIntent } from "./intents";
import type { Plan } from "./schema";
import { startStage, type Stage } from "./testing/stage";
import { leaveOpen } from "./testing/leave-open";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 90_000 });
let stage: Stage;
afterEach(() => stage.end());

const WAIT = { timeout: 45_000, interval: 100 };
const target = () => stage.inZone("zone2").slice(0, 1);
const recorded = (plan: Plan) =>
  vi.waitFor(async () => expect((await readIntent(plan.id))?.recordedAt).toBeTruthy(), WAIT);
const ends = async () => {
  const [attempt] = await attempts("c1");
  return attempt?.events.slice(1).map(({ event, outcome }) => outcome?.kind ?? event) ?? [];
};

/** Its process is killed when the agent has taken it: the intent is there, and nobody has the answer. */
async function sendAndDie(plan: Plan): Promise<string> {
  const coordinator = plan.coordinator ?? "";
  await leaveOpen(plan);
  const client = createTestClient(coordinator, stage.simulator.password);
  await client.post("/ob/stop", { scope: { type: "SERVER", target: target() }, force: true });
  return coordinator;
}

describe.each(ENGINES)("an agent that loses its records, on %s", (engine) => {
  test("leaves a lost run to be found by what others did for it, and its entry ends", async () => {
    stage = await startStage(engine);
    const plan = await stage.plan(target(), "force");
    stage.simulator.setFault("*", { kind: "stage-held", stage: "advance" });
    const coordinator = await sendAndDie(plan);
    await vi.waitFor(() => expect(stage.simulator.locks().length).toBeGreaterThan(4), WAIT);
    stage.simulator.setFault(coordinator, { kind: "store-lost" });
    watchIntents();
    await recorded(plan);
    expect(await ends()).toEqual(["resolved", "task-not-found"]);
    expect(await readSend("c1", plan.id)).toMatchObject({ state: "accepted" });
    const [attempt] = await attempts("c1");
    expect(attempt?.events.at(-1)?.detail.text).toContain(target()[0]);
  });

  test("and with it all others: nobody claims that there was none, and how the servers stand is on record", async () => {
    stage = await startStage(engine, { timeScale: 60 });
    const plan = await stage.plan(target(), "force");
    await sendAndDie(plan);
    await vi.waitFor(() => {
      const [stopped] = stage.simulator.observers().filter(({ address }) => address === target()[0]);
      expect(stopped?.isRunning).toBe(false);
    }, WAIT);
    stage.simulator.setFault("*", { kind: "store-lost" });
    watchIntents();
    await recorded(plan);
    expect(await readSend("c1", plan.id)).toEqual({ state: "none", why: "lost" });
    const [attempt] = await attempts("c1");
    expect(attempt?.events.at(-1)).toMatchObject({ event: "resolved", outcome: { kind: "records-lost" } });
    expect(attempt?.events.at(-1)?.detail.text).toContain(`${target()[0]} PROCESS_STOPPED`);
  });

  test("and gives its id anew: a colleague's run is not followed as this one", async () => {
    stage = await startStage(engine);
    stage.simulator.setFault("*", { kind: "store-lost", ids: "restart" });
    const plan = await stage.plan(target(), "force");
    stage.simulator.setFault("*", { kind: "stage-held", stage: "advance" });
    const sent = await stage.confirm(plan);
    const runId = sent.state === "accepted" ? sent.runId : "";
    stage.simulator.clearFaults();
    stage.simulator.setFault("*", { kind: "store-lost", ids: "restart" });
    const colleague = createTestClient(plan.coordinator ?? "", stage.simulator.password);
    await sleep(200); // no agent comes back from the loss of its store within the moment in which two beginnings are one
    const other = stage.inZone("zone2")[2] ?? "";
    const stop = () => colleague.post("/ob/stop", { scope: { type: "SERVER", target: [other] }, force: true });
    const again = await stop().catch(stop);
    expect(again.json.data?.id).toBe(runId);
    watchIntents();
    await recorded(plan);
    expect((await ends()).at(-1)).toBe("task-not-found");
    expect((await ends()).filter((end) => end === "finished")).toEqual([]);
  });
});
