import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openStore } from "../db/store";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { exportAudit, type ExportRequest } from "./export-audit";
import { appendLine } from "./journal";
import { findAttempts } from "./read-attempts";
import { auditQuerySchema, type AuditLine } from "./schema";
import { verifyChain } from "./verify-chain";

vi.hoisted(() => vi.stubEnv("STANDDOWN_LOG_LEVEL", "silent"));

const clusterOf = (id: string) => ({ id, name: `name of ${id}`, environment: "PROD" as const });
const line = (id: string, rest: Partial<AuditLine> = {}) => ({
  id,
  by: "li.wei",
  event: "opened" as const,
  action: "cluster.stop" as const,
  cluster: clusterOf("c1"),
  detail: {},
  ...rest,
});
const ALL = { clusters: "all" as const, console: true };

describe.each(ENGINES)("the entries on %s", (engine) => {
  let fresh: FreshStore;
  beforeEach(async () => {
    fresh = await freshStore(engine);
    await appendLine(line("forced", { detail: { method: "force", reason: "INC-1" } }));
    await appendLine(line("forced", { event: "accepted", outcome: { runId: "7" } }));
    await appendLine(line("broken", { by: "ann", detail: { method: "stop" } }));
    await appendLine(line("broken", { by: "ann", event: "refused", outcome: { kind: "plan-changed" } }));
    await appendLine(line("forced", { by: "engine", event: "failed", outcome: { runId: "7" } }));
    await appendLine(line("other", { cluster: clusterOf("c2"), action: "plan.check" }));
    await appendLine(line("sign-in", { cluster: null, action: "session.sign-in", event: "checked" }));
    await appendLine(line("left", { detail: { method: "stop" } }));
  });
  afterEach(() => fresh.dispose());

  const find = async (search: Record<string, string>, scope: ExportRequest["scope"] = ALL, limit = 50) => {
    const { attempts, next } = await findAttempts(scope, auditQuerySchema.parse(search), limit);
    return { ids: attempts.map(({ id }) => id), next };
  };
  const ids = async (search: Record<string, string>, scope?: ExportRequest["scope"]) => (await find(search, scope)).ids;

  test("each filter alone, and two together", async () => {
    expect(await ids({})).toEqual(["left", "sign-in", "other", "broken", "forced"]);
    expect(await ids({ person: "ann" })).toEqual(["broken"]);
    expect(await ids({ cluster: "c2" })).toEqual(["other"]);
    expect(await ids({ console: "1" })).toEqual(["sign-in"]);
    expect(await ids({ action: "plan.check" })).toEqual(["other"]);
    expect(await ids({ force: "1" })).toEqual(["forced"]);
    expect(await ids({ failed: "1" })).toEqual(["broken", "forced"]);
    expect(await ids({ open: "1" })).toEqual(["left"]);
    expect(await ids({ run: "7" })).toEqual(["forced"]);
    expect(await ids({ failed: "1", person: "li.wei" })).toEqual(["forced"]);
    expect(await ids({ person: "nobody" })).toEqual([]);
  });

  test("what stands in the address and cannot be read filters nothing", async () => {
    expect(await ids({ action: "nonsense", from: "yesterday", before: "x", force: "yes" })).toHaveLength(5);
  });

  test("times have both ends, and a time without seconds is the whole minute", async () => {
    const { attempts } = await findAttempts(ALL, {}, 50);
    const at = attempts[0]?.opened.at ?? "";
    expect(await ids({ from: "2000-01-01T00:00", to: at.slice(0, 16) + "Z" })).toHaveLength(5);
    expect(await ids({ to: "2000-01-01T00:00" })).toEqual([]);
    expect(await ids({ from: "2100-01-01T00:00" })).toEqual([]);
    expect(await ids({ from: at, to: at })).toContain("left");
  });

  test("nobody sees more than their clusters, whatever they ask for", async () => {
    const some = { clusters: ["c2"], console: false };
    expect(await ids({}, some)).toEqual(["other"]);
    expect(await ids({ cluster: "c1" }, some)).toEqual([]);
    expect(await ids({ console: "1" }, some)).toEqual([]);
    expect(await ids({ run: "7" }, some)).toEqual([]);
    expect(await ids({}, { clusters: [], console: false })).toEqual([]);
    expect(await ids({}, { clusters: [], console: true })).toEqual(["sign-in"]);
    expect(await ids({}, { clusters: "all", console: false })).not.toContain("sign-in");
  });

  test("pages follow one another without a gap, also while entries are added", async () => {
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const { ids: page, next } = await find(before === undefined ? {} : { before }, ALL, 2);
      seen.push(...page);
      await appendLine(line(`new-${seen.length}`));
      before = next === null ? undefined : String(next);
    } while (before !== undefined);
    expect(seen).toEqual(["left", "sign-in", "other", "broken", "forced"]);
  });

  const download = async (request: Partial<ExportRequest>) => {
    const stream = await exportAudit({ format: "json", scope: ALL, query: {}, by: "ann", cluster: null, ...request });
    return Buffer.from(await new Response(stream).arrayBuffer()).toString();
  };

  test("an export has every line with its hash, oldest attempt first, and is on the record itself", async () => {
    const lines = JSON.parse(await download({})) as (AuditLine & { seq: number; hash: string })[];
    expect(lines.map(({ seq, id }) => `${seq} ${id}`)).toEqual([
      ...["1 forced", "2 forced", "5 forced", "3 broken", "4 broken", "6 other", "7 sign-in", "8 left"],
    ]);
    expect(lines[0]).toMatchObject({ by: "li.wei", at: expect.stringMatching(/Z$/), detail: { reason: "INC-1" } });
    const { attempts } = await findAttempts(ALL, { action: "audit.export" }, 5);
    expect(attempts).toMatchObject([{ opened: { by: "ann", detail: { text: "json" } }, event: "checked" }]);
    expect(attempts[0]?.events[1]?.detail.text).toBe("8");
    const verdict = await verifyChain((await openStore()).db);
    expect(verdict).toMatchObject({ ok: true, upTo: { seq: 10 } });
    expect(JSON.parse(await download({ query: { person: "nobody" } }))).toEqual([]);
  });

  test("a long export is read page by page, no faster than it is taken, and tells when it is broken off", async () => {
    for (let at = 0; at < 120; at += 1) await appendLine(line(`p${at}`, { detail: { reason: "=1+1" } }));
    const csv = await download({ format: "csv", query: { cluster: "c1" } });
    const rows = csv.trimEnd().split("\r\n");
    expect(rows).toHaveLength(1 + 120 + 6);
    expect(rows[0]).toMatch(/^\uFEFF"seq","at","attempt"/);
    expect(rows.at(-1)).toContain(`"'=1+1"`);
    const stream = await exportAudit({ format: "csv", scope: ALL, query: {}, by: "ann", cluster: null });
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    await vi.waitFor(async () => {
      const { attempts } = await findAttempts(ALL, { action: "audit.export" }, 1);
      expect(attempts[0]?.event).toBe("cancelled");
    });
  });

  test("nothing is exported that cannot be put on record", async () => {
    const { db } = await openStore();
    await db.schema.alterTable("audit").renameTo("away").execute();
    await expect(download({})).rejects.toMatchObject({ kind: "audit-unwritable" });
  });
});
