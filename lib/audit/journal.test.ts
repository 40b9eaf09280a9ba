import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openStore } from "../db/store";
import { ENGINES, freshStore, restartProcess, type FreshStore } from "../db/testing/fresh-store";
import { appendLine, attemptOfRun, attempts, followUpsOf, sendersOf } from "./journal";
import type { AuditLine } from "./schema";

vi.hoisted(() => vi.stubEnv("STANDDOWN_LOG_LEVEL", "silent"));

const cluster = { id: "c1", name: "core", environment: "TEST" as const };
const line = (id: string, rest: Partial<AuditLine> = {}) => ({
  id,
  by: "li.wei",
  event: "opened" as const,
  action: "cluster.stop" as const,
  cluster,
  detail: {},
  ...rest,
});

describe.each(ENGINES)("the journal on %s", (engine) => {
  let fresh: FreshStore;
  beforeEach(async () => {
    fresh = await freshStore(engine);
  });
  afterEach(() => fresh.dispose());

  const ids = async () => (await attempts("c1")).map(({ id }) => id);

  test("the lines of one attempt are told together, newest attempt first, also after a restart", async () => {
    await appendLine(line("p1", { detail: { method: "force", targets: ["10.0.0.1:2886"], reason: "INC-1" } }));
    await appendLine(line("p2", { action: "plan.check" }));
    await appendLine(line("p1", { event: "accepted", outcome: { runId: "7" } }));
    await appendLine(line("other", { cluster: { ...cluster, id: "c2" } }));
    await appendLine(line("sign-in", { action: "session.sign-in", cluster: null }));
    for (const restart of [() => undefined, restartProcess]) {
      await restart();
      expect((await attempts("c1")).map(({ id, event }) => [id, event])).toEqual([
        ["p2", "opened"],
        ["p1", "accepted"],
      ]);
      expect((await attempts("c1", { sent: true })).map(({ id }) => id)).toEqual(["p1"]);
      expect(await attemptOfRun("c1", "7")).toMatchObject({
        id: "p1",
        opened: { by: "li.wei", detail: { method: "force", reason: "INC-1" } },
        outcome: { runId: "7" },
        events: [{ event: "opened" }, { event: "accepted" }],
      });
      expect(await attemptOfRun("c2", "7")).toBeNull();
      expect(await sendersOf("c1", ["7", "8"])).toEqual(new Map([["7", "li.wei"]]));
      expect(await sendersOf("c2", ["7"])).toEqual(new Map());
    }
  });

  test("what was sent because of a run is found from it, oldest first; what came to nothing is not (ux V-2)", async () => {
    const because = (id: string, runId: string | null, rest: Partial<AuditLine> = {}) => [
      line(id, { detail: { continues: "71" }, ...rest }),
      ...(runId === null ? [] : [line(id, { ...rest, event: "accepted", outcome: { runId } })]),
    ];
    const lines = [
      ...because("p1", "71", { detail: {} }),
      ...because("p2", "71", { action: "run.release" }),
      ...because("p3", null),
      ...because("p4", "72"),
      ...because("p5", "73", { detail: { continues: "710" } }),
      ...because("p6", "74", { cluster: { ...cluster, id: "c2" } }),
    ];
    for (const one of lines) await appendLine(one);
    const found = await followUpsOf("c1", "71");
    expect(found.map(({ id, outcome }) => [id, outcome?.runId])).toEqual([
      ["p2", "71"],
      ["p4", "72"],
    ]);
  });

  test("what happens during a run is told with it and leaves the attempt as it stands", async () => {
    await appendLine(line("p1"));
    await appendLine(line("p1", { event: "accepted", outcome: { runId: "7" } }));
    for (const event of ["step", "failed", "silent", "heard"] as const)
      await appendLine(line("p1", { event, by: "engine", detail: { stage: "wait" }, outcome: { runId: "7" } }));
    expect(await attemptOfRun("c1", "7")).toMatchObject({ id: "p1", event: "accepted" });
    await appendLine(line("p1", { event: "finished", by: "engine", outcome: { runId: "7", kind: "FAILED" } }));
    const [attempt] = await attempts("c1");
    expect(attempt).toMatchObject({ event: "finished", outcome: { runId: "7", kind: "FAILED" } });
    expect(attempt?.events.map(({ by }) => by)).toEqual(["li.wei", "li.wei", ...Array<string>(5).fill("engine")]);
  });

  test("lines that are appended at once stand one after the other, each linked to the one before", async () => {
    await Promise.all(Array.from({ length: 30 }, (_, at) => appendLine(line(`p${at}`))));
    const { db } = await openStore();
    const rows = await db.selectFrom("audit").selectAll().orderBy("seq").execute();
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
    expect(new Set(rows.map(({ attempt_id }) => attempt_id)).size).toBe(30);
    expect(rows.slice(1).map(({ previous }) => previous)).toEqual(rows.slice(0, -1).map(({ hash }) => hash));
    expect(rows[0]?.previous).toBe("0".repeat(64));
    const times = rows.map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    expect(await db.selectFrom("audit_head").selectAll().execute()).toEqual([{ id: 1, seq: 30, hash: rows[29]?.hash }]);
  });

  test("a line is part of the transaction it is given, for good and ill", async () => {
    const { db } = await openStore();
    await db.transaction().execute((transaction) => appendLine(line("kept"), transaction));
    const failing = db.transaction().execute(async (transaction) => {
      await appendLine(line("lost"), transaction);
      throw new Error("something else in it failed");
    });
    await expect(failing).rejects.toThrow("something else");
    await expect(appendLine(line("outside"), db)).rejects.toMatchObject({ kind: "audit-unwritable" });
    await appendLine(line("after"));
    expect(await ids()).toEqual(["after", "kept"]);
  });

  test("a store that takes nothing is audit-unwritable, and writing goes on once it is mended", async () => {
    const { db } = await openStore();
    await db.schema.alterTable("audit").renameTo("away").execute();
    await expect(appendLine(line("p1"))).rejects.toMatchObject({ kind: "audit-unwritable" });
    await expect(attempts("c1")).rejects.toMatchObject({ kind: "audit-unwritable" });
    await db.schema.alterTable("away").renameTo("audit").execute();
    await appendLine(line("p2"));
    expect(await ids()).toEqual(["p2"]);
  });

  test("a store that cannot be opened takes no line, and a server that is away is named as that", async () => {
    await fresh.configure({ dataDir: "config.json/data" });
    if (engine === "postgres") vi.stubEnv("DATABASE_URL", "postgres://postgres@127.0.0.1:1/postgres");
    const kind = engine === "postgres" ? "store-unavailable" : "audit-unwritable";
    await expect(appendLine(line("p1"))).rejects.toMatchObject({ kind });
  });

  test("a failed append is told to its caller only, and the next one is written", async () => {
    const nonsense = line("p1", { event: "nonsense" as AuditLine["event"] });
    const results = await Promise.allSettled([appendLine(line("p0")), appendLine(nonsense), appendLine(line("p2"))]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await ids()).sort()).toEqual(["p0", "p2"]);
  });

  test("the audit file of an earlier version is taken over once, marked, and stays", async () => {
    const data = join(fresh.folder, "data");
    const file = join(data, "audit.jsonl");
    mkdirSync(data, { recursive: true });
    const old = (id: string, event: AuditLine["event"], at: string) =>
      JSON.stringify({ ...line(id, { by: "local:ops", event }), at });
    const lines = [
      old("p1", "opened", "2026-01-01T00:00:00.000Z"),
      '{"id":"half',
      old("p1", "refused", "2026-01-01T00:00:01.000Z"),
    ];
    writeFileSync(file, lines.join("\n"));
    await appendLine(line("p2"));
    writeFileSync(file, lines.join("\n")); // as when the renaming was lost in a crash
    await restartProcess();
    const [second, first, ...more] = await attempts("c1");
    expect(more).toEqual([]);
    expect(second?.id).toBe("p2");
    expect(first).toMatchObject({
      id: "p1",
      event: "refused",
      opened: { by: "local:ops", detail: { imported: true } },
    });
    expect(first?.events.map(({ at }) => at)).toEqual(["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:01.000Z"]);
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(`${file}.imported`, "utf8")).toBe(lines.join("\n"));
  });

  test("no acknowledged line is lost when the console is killed while it writes", async () => {
    const journal = pathToFileURL(join(import.meta.dirname, "journal.ts")).href;
    const script = `
      import { writeSync } from "node:fs";
      const module = await import(${JSON.stringify(journal)});
      const { appendLine } = module.default ?? module;
      const line = ${JSON.stringify(line("", { detail: { reason: "x".repeat(4000) } }))};
      const one = async (id) => {
        await appendLine({ ...line, id });
        writeSync(1, id + "\\n");
      };
      for (let at = 0; ; at += 4) await Promise.all([0, 1, 2, 3].map((more) => one("p" + process.pid + "-" + (at + more))));
    `;
    const acknowledged: string[] = [];
    for (const afterLines of [1, 20]) {
      const child = spawn(
        process.execPath,
        ["--conditions=react-server", "--import", "tsx", "--input-type=module", "-e", script],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      let text = "";
      await new Promise<void>((resolve) => {
        child.stdout.setEncoding("utf8").on("data", (more: string) => {
          text += more;
          if (text.split("\n").length > afterLines) child.kill("SIGKILL");
        });
        child.once("close", () => resolve());
      });
      expect(child.signalCode).toBe("SIGKILL");
      acknowledged.push(...text.split("\n").filter(Boolean));
      await restartProcess();
      const known = new Set(await ids());
      expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
    }
    expect(acknowledged.length).toBeGreaterThan(20);
  }, 60_000);
});
