import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openStore } from "../db/store";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { closeUnended } from "./close-unended";
import { appendLine } from "./journal";
import { acknowledgeRestored, readRestored } from "./restored";
import { unfinishedAttempts } from "./unfinished-attempts";
import { verifyChain } from "./verify-chain";

vi.hoisted(() => vi.stubEnv("STANDDOWN_LOG_LEVEL", "silent"));

const cluster = { id: "c1", name: "core", environment: "TEST" as const };
const NOW = new Date("2026-05-05T10:00:00.000Z");
const LATER = "2026-05-05T10:05:00.000Z";

describe.each(ENGINES)("a store that comes out of a backup, on %s", (engine) => {
  let fresh: FreshStore;
  beforeEach(async () => {
    fresh = await freshStore(engine);
  });
  afterEach(() => fresh.dispose());

  const plan = (id: string) => ({
    id,
    ...{
      cluster_id: "c1",
      person: "li.wei",
      created_at: NOW.toISOString(),
      fingerprint: "f",
      request: "{}",
      draft: "{}",
    },
  });
  const intent = (planId: string, more: object = {}) => ({
    ...{ plan_id: planId, cluster_id: planId, attempt_id: planId, person: "li.wei", coordinator: "10.0.0.1:2886" },
    ...{
      request: "{}",
      opened_at: NOW.toISOString(),
      state: "open" as const,
      silent: "[]",
      holder: "h",
      held_until: 1,
    },
    ...more,
  });
  const approval = (id: string, more: object = {}) => ({
    ...{ id, plan_id: id, cluster_id: "c1", requested_by: "li.wei", reason: "r", requested_at: NOW.toISOString() },
    ...{ expires_at: LATER, ...more },
  });

  test("sends nothing that was reviewed before: plans, intents and approvals are closed, and the chain tells of it", async () => {
    const { db } = await openStore();
    const ended = { state: "accepted" as const, run_id: "1", ended_at: LATER, recorded_at: LATER };
    for (const id of ["unsent", "sending", "running", "over"]) await db.insertInto("plan").values(plan(id)).execute();
    await db
      .insertInto("intent")
      .values([intent("sending"), intent("running", { state: "accepted", run_id: "77" }), intent("over", ended)])
      .execute();
    await db
      .insertInto("approval")
      .values([
        approval("unsent"),
        approval("given", { decision: "approved", decided_by: "wang.fang", decided_at: LATER }),
      ])
      .execute();
    const line = { by: "li.wei", event: "opened" as const, action: "cluster.stop" as const, cluster, detail: {} };
    for (const id of ["sending", "running", "over"]) await appendLine({ ...line, id });
    const before = await db.selectFrom("store_identity").selectAll().executeTakeFirstOrThrow();

    expect(await closeUnended(db, "monday.db", NOW)).toEqual({ plans: 1, intents: 2, approvals: 2 });

    const plans = await db.selectFrom("plan").select("id").orderBy("id").execute();
    expect(plans.map(({ id }) => id)).toEqual(["over", "running", "sending"]);
    const intents = await db
      .selectFrom("intent")
      .select(["plan_id", "state", "ended_at", "recorded_at"])
      .orderBy("plan_id")
      .execute();
    expect(intents).toEqual([
      { plan_id: "over", state: "accepted", ended_at: LATER, recorded_at: LATER },
      { plan_id: "running", state: "accepted", ended_at: NOW.toISOString(), recorded_at: NOW.toISOString() },
      { plan_id: "sending", state: "unknown", ended_at: NOW.toISOString(), recorded_at: NOW.toISOString() },
    ]);
    const approvals = await db.selectFrom("approval").select("expires_at").execute();
    expect(approvals.map(({ expires_at }) => expires_at)).toEqual([NOW.toISOString(), NOW.toISOString()]);
    const rows = await db
      .selectFrom("audit")
      .select(["attempt_id", "event", "action", "line"])
      .orderBy("seq")
      .execute();
    expect(rows.slice(3).map(({ attempt_id, event, action }) => ({ attempt_id, event, action }))).toEqual([
      { attempt_id: expect.stringMatching(/^(sending|running)$/) as string, event: "closed", action: "cluster.stop" },
      { attempt_id: expect.stringMatching(/^(sending|running)$/) as string, event: "closed", action: "cluster.stop" },
      { attempt_id: expect.any(String) as string, event: "checked", action: "store.restore" },
    ]);
    expect(rows.at(-1)?.line).toContain("monday.db · plans 1, intents 2, approvals 2");
    expect(await verifyChain(db)).toMatchObject({ ok: true, upTo: { seq: 6 } });
    const after = await db.selectFrom("store_identity").selectAll().executeTakeFirstOrThrow();
    expect(after).toMatchObject({ restored_from: "monday.db", acknowledged_by: null });
    expect(after.store).not.toBe(before.store);
  });

  test("does not say of a press that it was never sent: it may have been, after the backup", async () => {
    const { db } = await openStore();
    const press = { id: "p.1", action: "cluster.stop" as const, by: "li.wei", cluster, detail: { planId: "p" } };
    await appendLine({ ...press, event: "opened" });
    await closeUnended(db, "monday.db", NOW);
    const lines = await db.selectFrom("audit").select("line").where("attempt_id", "=", "p.1").orderBy("seq").execute();
    expect(lines.map(({ line }) => JSON.parse(line) as unknown)).toMatchObject([
      { event: "opened" },
      { event: "closed", by: "console", outcome: { kind: "store-restored" } },
    ]);
    expect(await unfinishedAttempts(-60_000)).toEqual([]);
  });

  test("knows no session: who was shut out since is not let in again", async () => {
    const { db } = await openStore();
    const user = { id: "u", name: "u", email: "u@x", emailVerified: engine === "sqlite" ? 0 : false };
    const times = { createdAt: NOW.toISOString(), updatedAt: NOW.toISOString() };
    await db
      .insertInto("user")
      .values({ ...user, ...times, username: "u" } as never)
      .execute();
    await db
      .insertInto("session")
      .values({ id: "s", token: "t", userId: "u", ...times, expiresAt: LATER } as never)
      .execute();
    await closeUnended(db, "monday.db", NOW);
    expect(await db.selectFrom("session").select("id").execute()).toEqual([]);
    expect(await db.selectFrom("user").select("id").execute()).toEqual([{ id: "u" }]);
  });

  test("tells so until an administrator has taken note, once and by name", async () => {
    const { db } = await openStore();
    expect(await readRestored()).toBeNull();
    await acknowledgeRestored("too.early");
    await closeUnended(db, "monday.db", NOW);
    const closed = { plans: 0, intents: 0, approvals: 0 };
    expect(await readRestored()).toEqual({ at: NOW.toISOString(), from: "monday.db", closed });
    await Promise.all([acknowledgeRestored("wang.fang"), acknowledgeRestored("wang.fang")]);
    expect(await readRestored()).toBeNull();
    const rows = await db.selectFrom("audit").select(["event", "person"]).orderBy("seq").execute();
    expect(rows).toEqual([
      { event: "checked", person: "console" },
      { event: "closed", person: "wang.fang" },
    ]);
    await closeUnended(db, "tuesday.db", NOW);
    expect(await readRestored()).toMatchObject({ from: "tuesday.db" });
  });
});
