import { afterEach, describe, expect, test, vi } from "vitest";
import { appendLine, attempts } from "../audit/journal";
import { agentOf } from "../clusters/registry";
import { openStore } from "../db/store";
import { ENGINES } from "../db/testing/fresh-store";
import { describeAttempt } from "./describe";
import { holderName } from "./holder";
import { readIntent } from "./intents";
import { heldRequest } from "./prove-hold";
import { sweepAttempts } from "./sweep-attempts";
import { leaveOpen } from "./testing/leave-open";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });
let stage: Stage;
afterEach(async () => {
  vi.useRealTimers();
  await stage.end();
});
const one = () => stage.inZone("zone2").slice(0, 1);
const ahead = (ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });

describe.each(ENGINES)("a process that stood still, on %s", (engine) => {
  /** A plan that is committed and about to be sent by this process, and its request. */
  const committed = async () => {
    stage = await startStage(engine);
    const plan = await stage.plan(one(), "force");
    await leaveOpen(plan, holderName());
    const held = heldRequest({ planId: plan.id }, 5_000);
    const scope = { type: "SERVER" as const, target: one() };
    const send = () => agentOf("c1", plan.coordinator ?? "").stop({ scope, mode: "force", forcePassDag: [] }, held);
    return { plan, send };
  };
  const change = async (set: { holder?: string; ended_at?: string; state?: "unknown" }) =>
    (await openStore()).db.updateTable("intent").set(set).execute();
  const isKept = async (send: () => Promise<unknown>) => {
    await expect(send()).rejects.toMatchObject({ kind: "stood-still", sent: "no" });
    expect(stage.simulator.requests.filter(({ path }) => path.endsWith("/stop"))).toEqual([]);
  };

  test("sends what is still its own, and says so to the others once more", async () => {
    const { plan, send } = await committed();
    const before = await readIntent(plan.id);
    await send();
    expect(stage.writes()).toHaveLength(1);
    expect((await readIntent(plan.id))?.heldUntil).toBeGreaterThan(before?.heldUntil ?? 0);
  });

  test("sends nothing when another process has taken it over, or brought it to an end", async () => {
    const { send } = await committed();
    await change({ holder: "elsewhere:1:alive" });
    await isKept(send);
    await change({ holder: holderName(), state: "unknown" });
    await isKept(send);
    await change({ ended_at: new Date().toISOString() });
    await isKept(send);
  });

  test("sends nothing that was decided long ago, though nobody else has looked after it", async () => {
    const { send } = await committed();
    ahead(60_000); // the steady clock of a suspended machine stands still, its time of day does not
    await isKept(send);
  });

  test("sends nothing while the store is away", async () => {
    const { send } = await committed();
    const { db } = await openStore();
    await db.destroy();
    await expect(send()).rejects.toMatchObject({ sent: "no" });
    expect(stage.writes()).toEqual([]);
  });
});

describe.each(ENGINES)("order, on %s", (engine) => {
  test("a stop whose end was written by a host that is ahead keeps the cluster from nobody", async () => {
    stage = await startStage(engine);
    watchIntents();
    const first = await stage.plan(one(), "force");
    await stage.confirm(first);
    await vi.waitFor(async () => expect((await readIntent(first.id))?.recordedAt).not.toBeNull(), 30_000);
    const { db } = await openStore();
    const far = new Date(Date.now() + 3_600_000).toISOString();
    await db.updateTable("intent").set({ opened_at: far, ended_at: far, recorded_at: far }).execute();
    const next = await stage.plan(stage.inZone("zone2").slice(1, 2), "force");
    expect(await stage.confirm(next)).toMatchObject({ state: "accepted" });
  });

  test("what ended since the look makes that look old, though its host is an hour behind", async () => {
    stage = await startStage(engine);
    watchIntents();
    const first = await stage.plan(one(), "force");
    const second = await stage.plan(stage.inZone("zone2").slice(1, 2), "force");
    await stage.confirm(first);
    await vi.waitFor(async () => expect((await readIntent(first.id))?.recordedAt).not.toBeNull(), 30_000);
    const { db } = await openStore();
    const long = new Date(Date.now() - 3_600_000).toISOString();
    await db.updateTable("intent").set({ opened_at: long, ended_at: long, recorded_at: long }).execute();
    expect(await leaveOpen(second, holderName(), { lookedAt: 0 })).toBeNull();
    // Nothing else is being sent: the cluster is looked at anew, and is another one.
    await expect(stage.confirm(second)).rejects.toMatchObject({ kind: "plan-changed" });
  });
});

describe.each(ENGINES)("an attempt without an intent, on %s", (engine) => {
  const opened = async (planId: string) => {
    const opening = await describeAttempt(null, { clusterId: "c1", planId, reason: "INC-4471 disk" });
    await appendLine({ ...opening, by: "li.wei", event: "opened" }); // and then its process is killed
    return opening.id;
  };
  const told = async (id: string) =>
    (await attempts("c1"))
      .find((attempt) => attempt.id === id)
      ?.events.map(({ event, outcome }) => outcome?.kind ?? event);

  test("is on record as never sent, once, and a press that comes to itself after that sends nothing", async () => {
    stage = await startStage(engine);
    const plan = await stage.plan(one(), "force");
    const attemptId = await opened(plan.id);
    await sweepAttempts();
    expect(await told(attemptId)).toEqual(["opened"]); // it may still be judged
    await Promise.all([sweepAttempts({ afterMs: -60_000 }), sweepAttempts({ afterMs: -60_000 })]);
    expect(await told(attemptId)).toEqual(["opened", "never-sent"]);
    await expect(leaveOpen(plan, holderName(), { attemptId })).rejects.toMatchObject({ kind: "never-sent" });
    expect(await readIntent(plan.id)).toBeNull();
  });

  test("is left alone once it has one, whatever has become of that", async () => {
    stage = await startStage(engine);
    const plan = await stage.plan(one(), "force");
    const attemptId = await opened(plan.id);
    await leaveOpen(plan, holderName(), { attemptId });
    await sweepAttempts({ afterMs: -60_000 });
    expect(await told(attemptId)).toEqual(["opened", "confirmed"]);
  });
});
