import { afterEach, describe, expect, test, vi } from "vitest";
import { attempts } from "../audit/journal";
import { agentOf } from "../clusters/registry";
import { ENGINES } from "../db/testing/fresh-store";
import { openStore } from "../db/store";
import { encodeTaskId } from "../obshell/wire/task-id";
import { readSend } from "./execute";
import { moveIntent, readIntent } from "./intents";
import type { Plan } from "./schema";
import { readStanding } from "./standing";
import { goneHolder, leaveOpen } from "./testing/leave-open";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });
let stage: Stage;
afterEach(() => stage.end());

const server = (at: number) => stage.inZone("zone2").slice(at, at + 1);
const until = (check: () => Promise<unknown>) => vi.waitFor(check, { timeout: 15_000, interval: 50 });
const change = async (row: object) => (await openStore()).db.updateTable("intent").set(row).execute();

async function told(planId: string) {
  const all = await attempts("c1");
  const events = all.filter(({ id }) => id.startsWith(planId)).flatMap((attempt) => attempt.events);
  return events.filter(({ event }) => event !== "opened" && event !== "step");
}

/** While the request hangs, another process takes this one for gone, finds nothing and says so. */
function giveUpMeanwhile(plan: Plan, then: () => Promise<unknown> = () => Promise.resolve()): void {
  const agent = agentOf("c1", plan.coordinator ?? "");
  const send = agent.stop.bind(agent);
  vi.spyOn(agent, "stop").mockImplementationOnce(async (...request) => {
    const dag = await send(...request);
    const intent = await readIntent(plan.id);
    if (!intent) throw new Error("nothing was written down before the sending");
    const now = new Date().toISOString();
    const none = { state: "none" as const, ended_at: now, recorded_at: now, holder: "elsewhere:1:alive" };
    await moveIntent(intent, ["open"], none, [{ by: "console", event: "resolved", outcome: { kind: "none" } }]);
    await then();
    return dag;
  });
}

const isRecorded = (planId: string) =>
  until(async () => expect((await readIntent(planId))?.recordedAt).toEqual(expect.any(String)));

describe.each(ENGINES)("a stop that was given up, on %s", (engine) => {
  test("is taken up again when an agent has taken it after all, and the record says so", async () => {
    stage = await startStage(engine, { timeScale: 20 });
    const plan = await stage.plan(server(0), "force");
    giveUpMeanwhile(plan);
    const send = await stage.confirm(plan);
    expect(send).toMatchObject({ state: "accepted" });
    const runId = send.state === "accepted" ? send.runId : "";
    expect(await readSend("c1", plan.id)).toMatchObject({ state: "accepted", runId });
    expect((await readStanding("c1")).stops).toMatchObject([{ planId: plan.id, runId }]);
    expect((await told(plan.id)).slice(0, 3)).toMatchObject([
      { event: "confirmed" },
      { event: "resolved", outcome: { kind: "none" } },
      {
        event: "accepted",
        outcome: { runId },
      },
    ]);
    await isRecorded(plan.id);
    const [attempt] = (await attempts("c1")).filter(({ id }) => id.startsWith(plan.id));
    expect(attempt).toMatchObject({ event: "finished", outcome: { runId } });
    expect(attempt?.outcome?.kind).toBeUndefined(); // ended well, whatever was concluded before
  });

  test("is followed beside the stop that was let through meanwhile", async () => {
    stage = await startStage(engine, { timeScale: 20 });
    const [plan, next] = [await stage.plan(server(0), "force"), await stage.plan(server(1), "force")];
    giveUpMeanwhile(plan, () => leaveOpen(next, "elsewhere:1:alive"));
    expect(await stage.confirm(plan)).toMatchObject({ state: "accepted" });
    expect(await readIntent(plan.id)).toMatchObject({ state: "accepted", recordedAt: null });
    expect((await readStanding("c1")).stops).toMatchObject([{ planId: next.id }]);
    await isRecorded(plan.id);
    expect((await told(plan.id)).at(-1)).toMatchObject({ event: "finished" });
  });

  test("is closed by the console when its cluster was removed, sent or not", async () => {
    stage = await startStage(engine, { timeScale: 20 });
    const [sent, open] = [await stage.plan(server(0), "force"), await stage.plan(server(1), "force")];
    const send = await stage.confirm(sent);
    const runId = send.state === "accepted" ? send.runId : "";
    await change({ cluster_id: "removed", holder: goneHolder() });
    await stage.restart();
    await leaveOpen(open);
    await change({ holder: goneHolder() });
    const { db } = await openStore();
    await db.updateTable("intent").set({ cluster_id: "removed as well" }).where("plan_id", "=", open.id).execute();
    watchIntents();
    await isRecorded(sent.id);
    await isRecorded(open.id);
    expect((await told(sent.id)).at(-1)).toMatchObject({
      ...{ event: "closed", by: "console", outcome: { kind: "cluster-unknown", runId } },
    });
    expect((await told(open.id)).at(-1)).toMatchObject({ event: "closed", outcome: { kind: "cluster-unknown" } });
    expect(await readIntent(open.id)).toMatchObject({ endedAt: expect.any(String) as string, state: "open" });
  });

  test("or whose coordinator has left the cluster, is closed by the console and lets the next stop through", async () => {
    stage = await startStage(engine, { timeScale: 20 });
    const [left, next] = [await stage.plan(server(0), "force"), await stage.plan(server(1), "force")];
    await leaveOpen(left);
    await change({ state: "accepted", run_id: encodeTaskId("127.0.0.1:1025", 7), holder: goneHolder() });
    watchIntents();
    await isRecorded(left.id);
    expect((await told(left.id)).at(-1)).toMatchObject({
      ...{ event: "closed", by: "console", outcome: { kind: "agent-not-in-cluster" } },
    });
    expect(await stage.confirm(next)).toMatchObject({ state: "accepted" });
  });

  test("or that nobody noticed the end of, lets the next stop through at the first press", async () => {
    stage = await startStage(engine, { timeScale: 20 });
    const before = await stage.plan(server(0), "force");
    await stage.confirm(before);
    await isRecorded(before.id);
    // As if whoever follows it were slow: the engine is done, and nobody has written it down.
    const plan = await stage.plan(server(1), "force");
    await change({ ended_at: null, recorded_at: null, holder: "elsewhere:1:alive", held_until: Date.now() + 60_000 });
    expect(await stage.confirm(plan)).toMatchObject({ state: "accepted" });
    expect(stage.writes()).toHaveLength(2);
  });
});
