import { join } from "node:path";
import { sql } from "kysely";
import { describe, expect, test, vi } from "vitest";
import { openStore } from "../../db/store";
import { ENGINES, freshStore } from "../../db/testing/fresh-store";
import { appendLine } from "../journal";
import { readRestored } from "../restored";
import { command } from "../testing/command";

vi.hoisted(() => vi.stubEnv("STANDDOWN_LOG_LEVEL", "silent"));
const line = { id: "p", by: "li.wei", action: "person.add" as const, cluster: null, detail: {} };

describe.each(ENGINES)("the commands on %s", (engine) => {
  test("verify says what holds with its hash, and names a broken row with code 1", async () => {
    const fresh = await freshStore(engine);
    try {
      await appendLine({ ...line, event: "opened" });
      await appendLine({ ...line, event: "checked" });
      const { db } = await openStore();
      const head = await db.selectFrom("audit_head").select("hash").executeTakeFirstOrThrow();
      const fine = await command("audit", "verify");
      expect(fine).toMatchObject({ code: 0 });
      expect(fine.output).toContain("unbroken: 2 entries");
      expect(fine.output).toContain(head.hash);
      if (engine === "sqlite") await sql`drop trigger audit_no_delete`.execute(db);
      else {
        await sql`drop trigger audit_no_change on audit`.execute(db);
        await sql`grant delete on audit to current_user`.execute(db);
      }
      await db.deleteFrom("audit").where("seq", "=", 2).execute();
      const broken = await command("audit", "verify");
      expect(broken).toMatchObject({ code: 1 });
      expect(broken.output).toContain("row 2 is missing");
      expect(broken.output).toContain("Rows 1 to 1 hold");
    } finally {
      await fresh.dispose();
    }
  }, 30_000);

  test("backup and restore work on the embedded engine, and name PostgreSQL's own tools on the other", async () => {
    const fresh = await freshStore(engine);
    try {
      await appendLine({ ...line, event: "opened" });
      const file = join(fresh.folder, "b");
      const backup = await command("backup", file);
      const restore = await command("restore", file);
      expect(backup.output).toContain(engine === "sqlite" ? "1 audit entr" : "pg_dump");
      expect(backup.code).toBe(engine === "sqlite" ? 0 : 1);
      expect(restore.output).toContain(engine === "sqlite" ? "is in use" : "pg_restore"); // by this very process
      expect(restore.code).toBe(1);
      const closed = await command("restore", "--restored");
      expect(closed.output).toContain(engine === "sqlite" ? "the name of one backup" : "knows that it was restored");
      expect((await readRestored())?.from).toBe(engine === "sqlite" ? undefined : "pg_restore");
    } finally {
      await fresh.dispose();
    }
  }, 30_000);
});
