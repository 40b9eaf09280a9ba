import { afterEach, describe, expect, test, vi } from "vitest";
import { openStore } from "../db/store";
import { ENGINES } from "../db/testing/fresh-store";
import { singleton } from "../singleton";
import { requestApproval } from "./ask-approval";
import { cancelPlan } from "./cancel-plan";
import { makePlan, readPlan } from "./plans";
import { startStage, type Stage } from "./testing/stage";

vi.setConfig({ testTimeout: 60_000 });
let stage: Stage;
afterEach(() => {
  vi.useRealTimers();
  return stage.end();
});

const remembered = () => singleton("lifecycle.plans", () => new Map<string, { createdAtMs: number }>());
const planOf = (name: string) =>
  makePlan(
    {
      ...{ action: "stop", clusterId: "c1", servers: stage.inZone("zone2").slice(0, 1), method: "force" },
      ...{ releases: [], continues: null, cancels: null },
    },
    { name },
  );
const storedPlans = async () => (await (await openStore()).db.selectFrom("plan").select("id").execute()).length;

describe.each(ENGINES)("plans on %s", (engine) => {
  test("of one person are kept up to twenty, besides what was sent and what somebody is to approve", async () => {
    stage = await startStage(engine, {}, { environment: "PROD", twoPerson: true });
    const asked = await planOf("li.wei");
    await requestApproval({ clusterId: "c1", planId: asked.id, reason: "INC-4471 disk" }, { name: "li.wei" });
    const sent = await planOf("li.wei");
    await stage.confirm(sent, { breakGlass: true });
    const other = await planOf("ma.li");
    const first = await planOf("li.wei");
    for (let more = 0; more < 20; more += 1) await planOf("li.wei");
    await expect(readPlan("c1", first.id)).rejects.toMatchObject({ kind: "plan-unknown" });
    for (const { id } of [asked, sent, other]) expect(await readPlan("c1", id)).toMatchObject({ id });
    expect(await storedPlans()).toBe(23);
  });

  test("are remembered by a process while they can be sent, and not without end", async () => {
    stage = await startStage(engine);
    const old = await planOf("li.wei");
    const kept = remembered().get(old.id);
    if (kept) kept.createdAtMs -= 16 * 60_000; // a quarter of an hour later
    const { db } = await openStore();
    const made = new Date(Date.now() - 16 * 60_000).toISOString();
    await db.updateTable("plan").set({ created_at: made }).where("id", "=", old.id).execute();
    const young = await planOf("li.wei");
    expect([...remembered().keys()]).toEqual([young.id]);
    expect(await readPlan("c1", old.id)).toMatchObject({ id: old.id, state: "expired" });
    for (let person = 0; person < 55; person += 1) await planOf(`person ${person}`);
    expect(remembered().size).toBe(50);
    expect(await readPlan("c1", young.id)).toMatchObject({ id: young.id });
  });

  test("are given up by whoever made them alone", async () => {
    stage = await startStage(engine);
    const { id: planId } = await planOf("li.wei");
    await expect(cancelPlan({ clusterId: "c1", planId }, { name: "ma.li" })).rejects.toMatchObject({
      kind: "plan-of-another",
    });
    expect(await cancelPlan({ clusterId: "c1", planId }, { name: "li.wei" })).toBeNull();
  });
});
