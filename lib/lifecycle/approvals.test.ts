import { afterEach, describe, expect, test, vi } from "vitest";
import { appendLine, attempts } from "../audit/journal";
import { countWaitingApprovals } from "../clusters/waiting-approvals";
import { ENGINES } from "../db/testing/fresh-store";
import { readTopology } from "../clusters/topology";
import { openStore } from "../db/store";
import { decideApproval, readApproval, requestApproval } from "./ask-approval";
import { describeAttempt, describeDecision } from "./describe";
import { readPlan } from "./plans";
import type { Decision, Plan } from "./schema";
import { readStanding } from "./standing";
import { startStage, type Stage } from "./testing/stage";

vi.setConfig({ testTimeout: 60_000 });
let stage: Stage;
afterEach(() => stage.end());

const MINUTE_MS = 60_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const asked = (plan: Plan) => ({ clusterId: "c1", planId: plan.id, reason: "INC-4471 disk" });

async function decide(approvalId: string, decision: Decision["decision"], name = "ma.li") {
  const word: Decision = { clusterId: "c1", approvalId, decision };
  const opening = await describeDecision(word);
  await appendLine({ ...opening, by: name, event: "opened" });
  return decideApproval(word, { person: { name }, attemptId: opening.id });
}

describe.each(ENGINES)("a critical stop on %s", (engine) => {
  const start = async (twoPerson = true) => {
    stage = await startStage(engine, {}, { environment: "PROD", twoPerson });
    return stage.plan(stage.inZone("zone2").slice(0, 1), "force");
  };

  test("asks again who it is when that was shown more than 15 minutes ago", async () => {
    const plan = await start(false);
    expect(plan).toMatchObject({ tier: 3, needsApproval: false });
    const late = { ...stage.person, provenAt: ago(16 * MINUTE_MS) };
    await expect(stage.confirm(plan, {}, late)).rejects.toMatchObject({ kind: "step-up-needed" });
    await expect(stage.confirm(plan, {}, { ...late, provenAt: "" })).rejects.toMatchObject({ kind: "step-up-needed" });
    expect(stage.writes()).toEqual([]);
    const proven = { ...late, provenAt: ago(14 * MINUTE_MS) };
    expect(await stage.confirm(plan, {}, proven)).toMatchObject({ state: "accepted" });
  });

  test("waits for a second person, who is another one, and is sent after their word", async () => {
    const plan = await start();
    expect(plan).toMatchObject({ needsApproval: true, approval: null });
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "approval-needed" });
    const request = await requestApproval(asked(plan), stage.person);
    expect(await requestApproval(asked(plan), stage.person)).toMatchObject({ id: request.id });
    expect((await readStanding("c1")).approvals).toMatchObject([{ id: request.id, method: "force", servers: 1 }]);
    expect(await countWaitingApprovals()).toEqual(new Map([["c1", 1]]));
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "approval-needed" });
    await expect(decide(request.id, "approved", stage.person.name)).rejects.toMatchObject({ kind: "approval-own" });
    await stage.restart();
    expect(await readApproval("c1", request.id)).toMatchObject({
      plan: { id: plan.id },
      approval: { state: "waiting" },
    });
    await decide(request.id, "approved");
    expect(await countWaitingApprovals()).toEqual(new Map());
    await expect(decide(request.id, "declined", "zhao.min")).rejects.toMatchObject({ kind: "approval-over" });
    expect(await readPlan("c1", plan.id)).toMatchObject({ approval: { state: "approved", decidedBy: "ma.li" } });
    expect(await stage.confirm(plan)).toMatchObject({ state: "accepted" });
    expect((await readStanding("c1")).approvals).toEqual([]);
    const [stop, ...before] = await attempts("c1");
    expect(stop?.opened.detail).toMatchObject({ approvedBy: "ma.li", planId: plan.id });
    const word = before.find(({ event }) => event === "approved");
    expect(word).toMatchObject({ opened: { action: "approval.decide", by: "ma.li", detail: { planId: plan.id } } });
  });

  test("is not sent after a no, nor after ten minutes, nor when the cluster has changed", async () => {
    const plan = await start();
    const { id } = await requestApproval(asked(plan), stage.person);
    await decide(id, "declined");
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "approval-needed" });
    const { db } = await openStore();
    await db
      .updateTable("approval")
      .set({ decision: "approved", expires_at: ago(1_000) })
      .execute();
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "approval-needed" });
    const next = await stage.plan(stage.inZone("zone2").slice(0, 1), "force");
    const again = await requestApproval(asked(next), stage.person);
    stage.simulator.setObserver(stage.inZone("zone3")[0] ?? "", "process-stopped");
    await vi.waitFor(
      async () => {
        await readTopology("c1", { maxAgeMs: 0 }); // sooner than the watch does
        expect((await readApproval("c1", again.id)).plan.state).toBe("changed");
      },
      { timeout: 10_000, interval: 100 },
    );
    await expect(decide(again.id, "approved")).rejects.toMatchObject({ kind: "plan-changed" });
    expect(stage.writes()).toEqual([]);
  });

  test("lives as long as its second person has time", async () => {
    const plan = await start();
    const { id } = await requestApproval(asked(plan), stage.person);
    const { db } = await openStore();
    await db
      .updateTable("plan")
      .set({ created_at: ago(8 * MINUTE_MS) })
      .execute();
    await stage.restart();
    await decide(id, "approved");
    expect(await stage.confirm(plan)).toMatchObject({ state: "accepted" });
  });

  test("is sent with the reason that was approved, and with no other", async () => {
    const plan = await start();
    const { id } = await requestApproval(asked(plan), stage.person);
    await decide(id, "approved");
    for (const breakGlass of [false, true])
      await expect(stage.confirm(plan, { reason: "something else", breakGlass })).rejects.toMatchObject({
        kind: "reason-changed",
      });
    expect(stage.writes()).toEqual([]);
    expect(await stage.confirm(plan, { reason: " INC-4471 disk " })).toMatchObject({ state: "accepted" });
  });

  test("passes the second person over with broken glass, and the record says so", async () => {
    const plan = await start();
    expect(await stage.confirm(plan, { breakGlass: true })).toMatchObject({ state: "accepted" });
    expect((await attempts("c1"))[0]?.opened.detail).toMatchObject({ breakGlass: true });
    const other = await describeAttempt("cluster.stop", { clusterId: "c1", planId: plan.id });
    expect(other.detail.breakGlass).toBeUndefined();
  });

  test("asks nobody where it is not critical or the cluster does not want it", async () => {
    await start();
    const routine = await stage.plan(stage.inZone("zone2").slice(0, 1), "stop");
    expect(routine).toMatchObject({ tier: 2, needsApproval: false });
    await expect(requestApproval(asked(routine), stage.person)).rejects.toMatchObject({ kind: "plan-blocked" });
    await expect(requestApproval(asked(routine), { name: "ma.li" })).rejects.toMatchObject({
      kind: "plan-of-another",
    });
    expect(await stage.confirm(routine, { typedName: "" })).toMatchObject({ state: "accepted" });
  });
});
