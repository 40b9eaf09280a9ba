import { statSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isDuplicate } from "./engine";
import { openStore } from "./store";
import { ENGINES, freshStore, restartProcess, type FreshStore } from "./testing/fresh-store";

describe.each(ENGINES)("the store on %s", (engine) => {
  let fresh: FreshStore;
  beforeEach(async () => {
    fresh = await freshStore(engine);
  });
  afterEach(() => fresh.dispose());

  const intent = (planId: string, clusterId: string) => ({
    plan_id: planId,
    cluster_id: clusterId,
    attempt_id: planId,
    person: "li.wei",
    coordinator: "10.0.0.1:2886",
    request: "{}",
    opened_at: "2026-01-01T00:00:00.000Z",
    state: "open" as const,
    silent: "[]",
    holder: "h",
    held_until: 1_800_000_000_000,
  });

  test("is made by the first who opens it, once, and is found again after a restart", async () => {
    const { db, engine: opened } = await openStore();
    expect(opened).toBe(engine);
    await db.insertInto("intent").values(intent("p1", "c1")).execute();
    await restartProcess();
    const again = await openStore();
    expect(await again.db.selectFrom("intent").select(["plan_id", "held_until"]).execute()).toEqual([
      { plan_id: "p1", held_until: 1_800_000_000_000 },
    ]);
  });

  test("takes one intent per plan, and one per cluster that is not over", async () => {
    const { db } = await openStore();
    const add = (planId: string, clusterId: string) =>
      db
        .insertInto("intent")
        .values(intent(planId, clusterId))
        .execute()
        .then(() => "taken")
        .catch((error: unknown) => (isDuplicate(error) ? "duplicate" : String(error)));
    expect(await add("p1", "c1")).toBe("taken");
    expect(await add("p1", "c2")).toBe("duplicate");
    expect(await add("p2", "c1")).toBe("duplicate");
    expect(await add("p3", "c2")).toBe("taken");
    await db.updateTable("intent").set({ ended_at: "2026-01-01T00:01:00.000Z" }).where("plan_id", "=", "p1").execute();
    expect(await add("p2", "c1")).toBe("taken");
  });

  test("a store that a newer program has written is refused by name", async () => {
    const { db } = await openStore();
    await sql`insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '2030-01-01')`.execute(db);
    await restartProcess();
    await expect(openStore()).rejects.toThrow("9999-from-the-future");
  });

  test("the audit takes lines and nothing else", async () => {
    const { db } = await openStore();
    const row = { attempt_id: "a", at: "", event: "", action: "", person: "", cluster_id: "", run_id: null };
    const rest = { is_first: 1, is_force: 0, is_failure: 0, line: "{}", previous: "", hash: "" };
    await db
      .insertInto("audit")
      .values({ seq: 1, ...row, ...rest })
      .execute();
    await expect(db.updateTable("audit").set({ person: "nobody" }).execute()).rejects.toThrow();
    await expect(db.deleteFrom("audit").execute()).rejects.toThrow();
    expect(await db.selectFrom("audit").select("person").execute()).toEqual([{ person: "" }]);
  });

  test("ten that open an empty store at once find one and the same", async () => {
    const stores = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { db } = await openStore();
        return db.selectFrom("audit_head").select("seq").executeTakeFirstOrThrow();
      }),
    );
    expect(stores).toEqual(Array.from({ length: 10 }, () => ({ seq: 0 })));
  });

  if (engine === "sqlite")
    test("the file is for the console's account alone", async () => {
      await openStore();
      const data = join(fresh.folder, "data");
      expect(statSync(data).mode & 0o777).toBe(0o700);
      for (const name of ["standdown.db", "standdown.db-wal"])
        expect(statSync(join(data, name)).mode & 0o777).toBe(0o600);
    });

  if (engine === "postgres")
    test("the program's role may neither change nor delete the audit", async () => {
      const { db } = await openStore();
      const { rows } = await sql<{
        privilege_type: string;
      }>`select privilege_type from information_schema.role_table_grants
      where table_name = 'audit' and table_schema = current_schema() and grantee = current_user`.execute(db);
      const held = rows.map((row) => row.privilege_type);
      expect(held).toContain("INSERT");
      for (const gone of ["UPDATE", "DELETE", "TRUNCATE"]) expect(held).not.toContain(gone);
    });
});
