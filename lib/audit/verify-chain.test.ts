import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Engine } from "../db/engine";
import { openStore } from "../db/store";
import type { Database } from "../db/tables";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { hashOf, type AuditRow } from "./chain";
import { readChainState } from "./chain-state";
import { appendLine } from "./journal";
import { verifyChain } from "./verify-chain";

vi.hoisted(() => vi.stubEnv("STANDDOWN_LOG_LEVEL", "silent"));

const ROWS = 8;
const cluster = { id: "c1", name: "core", environment: "TEST" as const };

async function append(count: number) {
  for (let at = 0; at < count; at += 1) {
    const isEnd = at % 2 === 1;
    await appendLine({
      id: `p${at >> 1}`,
      by: "li.wei",
      event: isEnd ? "accepted" : "opened",
      action: "cluster.stop",
      cluster,
      detail: isEnd ? {} : { method: "force", reason: "INC-1" },
      ...(isEnd ? { outcome: { runId: String(at) } } : {}),
    });
  }
}

/** What only somebody with a database tool can do. */
async function openToHands(db: Database, engine: Engine): Promise<void> {
  if (engine === "sqlite") {
    await sql`drop trigger audit_no_update`.execute(db);
    await sql`drop trigger audit_no_delete`.execute(db);
    return;
  }
  await sql`drop trigger audit_no_change on audit`.execute(db);
  await sql`grant update, delete on audit to current_user`.execute(db);
}

describe.each(ENGINES)("the chain on %s", (engine) => {
  let fresh: FreshStore;
  let db: Database;
  let rows: AuditRow[];
  beforeEach(async () => {
    fresh = await freshStore(engine);
    await append(ROWS);
    ({ db } = await openStore());
    await openToHands(db, engine);
    rows = await db.selectFrom("audit").selectAll().orderBy("seq").execute();
  });
  afterEach(() => fresh.dispose());

  const restore = async () => {
    await db.deleteFrom("audit").execute();
    await db.insertInto("audit").values(rows).execute();
  };
  const row = (seq: number): AuditRow => {
    const found = rows[seq - 1];
    if (!found) throw new Error(`there is no row ${seq}`);
    return found;
  };

  test("holds as it was written, also for who verifies while others write", async () => {
    expect(await verifyChain(db)).toMatchObject({ ok: true, upTo: { seq: ROWS, hash: row(ROWS).hash } });
    const writing = append(10);
    for (let at = 0; at < 10; at += 1) expect((await verifyChain(db)).ok).toBe(true);
    await writing;
    expect(await verifyChain(db)).toMatchObject({ ok: true, upTo: { seq: ROWS + 10 } });
  });

  test("an empty chain holds", async () => {
    await fresh.dispose();
    fresh = await freshStore(engine);
    expect(await verifyChain((await openStore()).db)).toMatchObject({ ok: true, upTo: { seq: 0 } });
  });

  test("any row that is taken away is named, the last one too", async () => {
    for (const { seq } of rows) {
      await db.deleteFrom("audit").where("seq", "=", seq).execute();
      expect(await verifyChain(db)).toMatchObject({ ok: false, seq, fault: "missing" });
      await restore();
    }
    await db.deleteFrom("audit").execute();
    expect(await verifyChain(db)).toMatchObject({ ok: false, seq: 1, fault: "missing" });
  });

  test("a change of any column of any row names the row", async () => {
    const columns = Object.keys(row(1)).filter((name) => name !== "seq") as Exclude<keyof AuditRow, "seq">[];
    expect(columns).toHaveLength(13);
    for (const { seq } of rows)
      for (const column of columns) {
        const value = row(seq)[column];
        const changed = typeof value === "number" ? 1 - value : `${value ?? ""}0`;
        await db
          .updateTable("audit")
          .set({ [column]: changed })
          .where("seq", "=", seq)
          .execute();
        expect([column, await verifyChain(db)]).toMatchObject([column, { ok: false, seq, fault: "changed" }]);
        await db
          .updateTable("audit")
          .set({ [column]: value })
          .where("seq", "=", seq)
          .execute();
      }
    expect((await verifyChain(db)).ok).toBe(true);
  }, 30_000);

  test("rows that change places are named, whichever two", async () => {
    for (let left = 1; left <= ROWS; left += 1)
      for (let right = left + 1; right <= ROWS; right += 1) {
        await db.deleteFrom("audit").where("seq", "in", [left, right]).execute();
        await db
          .insertInto("audit")
          .values([
            { ...row(left), seq: right },
            { ...row(right), seq: left },
          ])
          .execute();
        expect(await verifyChain(db)).toMatchObject({ ok: false, seq: left, fault: "changed" });
        await restore();
      }
  }, 30_000);

  test("a row whose number is changed leaves a gap that is named", async () => {
    await db.updateTable("audit").set({ seq: 1_000 }).where("seq", "=", 3).execute();
    expect(await verifyChain(db)).toMatchObject({ ok: false, seq: 3, fault: "missing" });
  });

  test("a row that was changed with a hash to match breaks the link of the next, the last one that of the head", async () => {
    for (const seq of [3, ROWS]) {
      const changed = { ...row(seq), line: row(seq).line.replace("li.wei", "nobody"), person: "nobody" };
      await db
        .updateTable("audit")
        .set({ ...changed, hash: hashOf(changed) })
        .where("seq", "=", seq)
        .execute();
      const named = seq === ROWS ? { seq: ROWS, fault: "head" } : { seq: 4, fault: "link" };
      expect(await verifyChain(db)).toMatchObject({ ok: false, ...named });
      await restore();
    }
  });

  test("a whole chain that was made anew must still say the same in columns and lines", async () => {
    let previous = row(2).hash;
    for (const old of rows.slice(2)) {
      const made = { ...old, person: old.seq === 5 ? "nobody" : old.person, previous };
      previous = hashOf(made);
      await db
        .updateTable("audit")
        .set({ ...made, hash: previous })
        .where("seq", "=", old.seq)
        .execute();
    }
    await db.updateTable("audit_head").set({ hash: previous }).execute();
    expect(await verifyChain(db)).toMatchObject({ ok: false, seq: 5, fault: "columns" });
  });

  test("a row behind the end, and an end that is gone, are named", async () => {
    const extra = { ...row(ROWS), seq: ROWS + 1, previous: row(ROWS).hash };
    await db
      .insertInto("audit")
      .values({ ...extra, hash: hashOf(extra) })
      .execute();
    expect(await verifyChain(db)).toMatchObject({ ok: false, seq: ROWS + 1, fault: "extra" });
    await restore();
    await db.deleteFrom("audit_head").execute();
    expect(await verifyChain(db)).toMatchObject({ ok: false, seq: ROWS, fault: "head" });
  });

  test("what was cut off together with the head, or made anew as a whole, is seen by who saw the end before", async () => {
    const known = { seq: ROWS, hash: row(ROWS).hash };
    await db.deleteFrom("audit").where("seq", "=", ROWS).execute();
    await db
      .updateTable("audit_head")
      .set({ seq: ROWS - 1, hash: row(ROWS - 1).hash })
      .execute();
    expect((await verifyChain(db)).ok).toBe(true);
    expect(await verifyChain(db, { known })).toMatchObject({ ok: false, seq: ROWS, fault: "missing" });
    expect(await verifyChain(db, { from: known })).toMatchObject({ ok: false, seq: ROWS, fault: "missing" });
    await append(1);
    expect((await verifyChain(db)).ok).toBe(true);
    expect(await verifyChain(db, { known })).toMatchObject({ ok: false, seq: ROWS, fault: "changed" });
  });

  test("the page's look shares one answer, reads new rows only, and every row when asked", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "Date"] });
    try {
      const [one, other] = await Promise.all([readChainState(), readChainState()]);
      expect(one).toMatchObject({ count: ROWS, broken: null });
      expect(other).toBe(one);
      await db.updateTable("audit").set({ person: "nobody" }).where("seq", "=", 2).execute();
      await append(2);
      vi.advanceTimersByTime(4_000);
      expect(await readChainState()).toMatchObject({ count: ROWS + 2, broken: null, wholeAt: one.wholeAt });
      expect(await readChainState(true)).toMatchObject({ broken: { seq: 2, fault: "changed" } });
      await db.updateTable("audit").set({ person: "li.wei" }).where("seq", "=", 2).execute();
      vi.advanceTimersByTime(4_000);
      expect(await readChainState()).toMatchObject({ count: ROWS + 2, broken: null });
    } finally {
      vi.useRealTimers();
    }
  });
});
