import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { attempts } from "../audit/journal";
import type { AuditLine } from "../audit/schema";
import { ENGINES } from "../db/testing/fresh-store";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { openStore } from "../db/store";
import { AppError } from "../errors";
import { closeIntent } from "./close-intent";
import { readSend } from "./execute";
import { readIntent } from "./intents";
import { readPlan } from "./plans";
import { roundMs } from "./rhythm";
import { readStanding } from "./standing";
import { goneHolder, leaveOpen } from "./testing/leave-open";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });
let stage: Stage;
afterEach(() => stage.end());

const one = (zone = "zone2") => stage.inZone(zone).slice(0, 1);
/** Of attempts that came as far as an intent. */
const told = async (): Promise<AuditLine["event"][]> =>
  (await attempts("c1"))
    .map((attempt) => attempt.events.map((event) => event.event).filter((event) => event !== "opened"))
    .filter((events) => events[0] === "confirmed")
    .flat();
const kindsOf = (results: PromiseSettledResult<unknown>[]) =>
  results.flatMap((result) => (result.status === "rejected" ? [(result.reason as { kind: string }).kind] : []));
const until = (check: () => Promise<unknown>, timeout = 15_000) => vi.waitFor(check, { timeout, interval: 100 });

describe.each(ENGINES)("a stop that is written down first, on %s", (engine) => {
  const start = async (...rest: Parameters<typeof startStage> extends [unknown, ...infer Rest] ? Rest : never) =>
    void (stage = await startStage(engine, ...rest));

  test("of ten confirmations at once one is sent, and the others learn that the plan is used", async () => {
    await start();
    const plan = await stage.plan(one());
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => stage.confirm(plan)));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(kindsOf(results).every((kind) => ["plan-used", "stop-in-progress", "plan-changed"].includes(kind))).toBe(
      true,
    );
    expect(stage.writes()).toHaveLength(1);
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "plan-used" });
  });

  test("of two plans for one cluster at once one is sent", async () => {
    await start({ timeScale: 5 });
    const plans = [await stage.plan(one()), await stage.plan(stage.inZone("zone2").slice(1, 2))];
    const results = await Promise.allSettled(plans.map((plan) => stage.confirm(plan)));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(kindsOf(results)).toEqual(["stop-in-progress"]);
    expect(stage.writes()).toHaveLength(1);
  });

  test("the intent and its audit line are committed before an agent sees the request", async () => {
    await start();
    const plan = await stage.plan(one());
    stage.simulator.setFault("*", { kind: "slow", delayMs: 400 });
    const confirming = stage.confirm(plan);
    await until(() => Promise.resolve(expect(stage.writes()).toHaveLength(1)));
    expect(await readIntent(plan.id)).toMatchObject({ state: "open", endedAt: null });
    expect(await told()).toEqual(["confirmed"]);
    stage.simulator.clearFaults();
    expect(await confirming).toMatchObject({ state: "accepted" });
    expect(await told()).toEqual(["confirmed", "accepted"]);
  });

  test("killed before sending: every agent says none, the plan is spent and the cluster is free", async () => {
    await start();
    const plan = await stage.plan(one());
    expect(await readSend("c1", plan.id)).toEqual({ state: "none", why: "unsent" });
    await leaveOpen(plan);
    await expect(stage.confirm(await stage.plan(one()))).rejects.toMatchObject({ kind: "stop-in-progress" });
    await stage.restart();
    watchIntents();
    expect(await readSend("c1", plan.id)).toEqual({ state: "sending" });
    await until(async () => expect(await readSend("c1", plan.id)).toEqual({ state: "none" }));
    expect(await told()).toEqual(["confirmed", "resolved"]);
    expect(stage.writes()).toHaveLength(0);
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "plan-used" });
    expect(await stage.confirm(await stage.plan(one()))).toMatchObject({ state: "accepted" });
  });

  test("killed after sending: the run is found and followed to its end, though nobody watches", async () => {
    await start();
    const plan = await stage.plan(one(), "force");
    const send = await stage.confirm(plan);
    const { db } = await openStore();
    // As if the answer had come after the kill.
    const lost = { state: "open" as const, run_id: null, progress: "{}", holder: goneHolder() };
    await db.updateTable("intent").set(lost).where("plan_id", "=", plan.id).execute();
    await stage.restart();
    watchIntents();
    await until(async () =>
      expect(await readIntent(plan.id)).toMatchObject({ recordedAt: expect.any(String) as string }),
    );
    expect(await readSend("c1", plan.id)).toMatchObject(send.state === "accepted" ? { runId: send.runId } : {});
    const [attempt] = await attempts("c1");
    const events = attempt?.events.map((event) => event.event) ?? [];
    expect(events.slice(0, 4)).toEqual(["opened", "confirmed", "accepted", "resolved"]);
    expect(events).toContain("step");
    expect(attempt?.events.at(-1)).toMatchObject({
      event: "finished",
      by: "engine",
      detail: { counts: { done: 1, failed: 0, unreported: 0 } },
    });
    expect(stage.writes()).toHaveLength(1);
    expect((await readPlan("c1", plan.id)).state).toBe("sent");
  });

  test("an agent that never comes back leaves a visible entry, which a person closes", async () => {
    await start();
    const plan = await stage.plan(one());
    await leaveOpen(plan);
    const lost = stage.inZone("zone3")[2] ?? "";
    stage.simulator.setFault(lost, { kind: "agent-down" });
    await stage.restart();
    watchIntents();
    await until(async () => expect(await readSend("c1", plan.id)).toMatchObject({ state: "unknown", silent: [lost] }));
    await sleep(4 * roundMs());
    expect((await readStanding("c1")).stops).toMatchObject([{ planId: plan.id, person: "li.wei", silent: [lost] }]);
    await closeIntent({ clusterId: "c1", planId: plan.id, reason: "host is gone for good" }, { name: "ma.li" });
    expect(await readSend("c1", plan.id)).toEqual({ state: "closed" });
    expect((await readStanding("c1")).stops).toEqual([]);
    await sleep(3 * roundMs());
    expect(await told()).toEqual(["confirmed", "closed"]);
    stage.simulator.clearFaults();
    await readTopology("c1", { maxAgeMs: 0 });
    expect(await stage.confirm(await stage.plan(one()))).toMatchObject({ state: "accepted" });
  });

  test("what a living process holds is left to it", async () => {
    await start();
    const plan = await stage.plan(one());
    await leaveOpen(plan, "elsewhere:1:alive");
    watchIntents();
    await sleep(5 * roundMs());
    expect(await readIntent(plan.id)).toMatchObject({ state: "open", holder: "elsewhere:1:alive" });
    const { db } = await openStore();
    await db.updateTable("intent").set({ held_until: 1 }).execute();
    await until(async () => expect(await readSend("c1", plan.id)).toEqual({ state: "none" }));
  });

  test("a plan is shown, checked and sent by any process, and only for its maker", async () => {
    await start();
    const plan = await stage.plan(one());
    await stage.restart();
    expect(await readPlan("c1", plan.id)).toMatchObject({
      fingerprint: plan.fingerprint,
      state: "open",
      person: "li.wei",
    });
    const other = { ...stage.person, name: "ma.li" };
    await expect(stage.confirm(plan, {}, other)).rejects.toMatchObject({ kind: "plan-of-another" });
    expect(await stage.confirm(plan)).toMatchObject({ state: "accepted" });
  });

  test("a refusal by the agent ends the intent with the reason", async () => {
    await start();
    const plan = await stage.plan(one());
    const agent = agentOf("c1", plan.coordinator ?? "");
    const facts = { agentCode: "Task.CreateFailed", traceId: "abc" };
    vi.spyOn(agent, "stop").mockRejectedValueOnce(new AppError("task-create-failed", facts));
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "task-create-failed", recorded: true });
    expect(await told()).toEqual(["confirmed", "refused"]);
    // Nobody was asked about a run of it, so nobody is said to have answered.
    expect(await readSend("c1", plan.id)).toEqual({ state: "none", why: "refused" });
  });

  test("a fault of our own after the sending is no refusal: the run is looked for", async () => {
    await start();
    const plan = await stage.plan(one());
    const agent = agentOf("c1", plan.coordinator ?? "");
    const send = agent.stop.bind(agent);
    vi.spyOn(agent, "stop").mockImplementationOnce(async (...request) => {
      await send(...request);
      throw new TypeError("the answer could not be read");
    });
    expect(await stage.confirm(plan)).toMatchObject({ state: "unknown" });
    await until(async () => expect(await readSend("c1", plan.id)).toMatchObject({ state: "accepted" }));
    expect((await told()).slice(0, 3)).toEqual(["confirmed", "unknown", "resolved"]);
    expect(stage.writes()).toHaveLength(1);
  });
});
