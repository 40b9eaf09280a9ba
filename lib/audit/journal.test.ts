import { spawn } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createIndex } from "./audit-index";
import { appendLine, attemptOfRun, attempts, countUnreadable, who } from "./journal";
import type { AuditLine } from "./schema";

vi.hoisted(() => vi.stubEnv("STANDDOWN_LOG_LEVEL", "silent"));

let folder: string;
const file = () => join(folder, "data", "audit.jsonl");
const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");
const fresh = () => Reflect.deleteProperty(globalThis, "__standdown"); // a new process, as far as singletons go

function useFolder(dataDir = "data") {
  fresh();
  folder = mkdtempSync(join(tmpdir(), "standdown-audit-"));
  const clusters = [{ id: "c1", agents: ["10.0.0.1:2886"], passwordEnv: "NOBODY" }];
  writeFileSync(join(folder, "config.json"), JSON.stringify({ dataDir, clusters }));
  vi.stubEnv("NOBODY", "");
  vi.stubEnv("STANDDOWN_CONFIG", join(folder, "config.json"));
}
beforeEach(() => useFolder());
afterEach(() => void vi.unstubAllEnvs());

const cluster = { id: "c1", name: "core", environment: "TEST" as const };
const line = (id: string, rest: Partial<AuditLine> = {}) => ({
  id,
  event: "opened" as const,
  action: "cluster.stop" as const,
  cluster,
  detail: {},
  ...rest,
});

test("the file and its folder are for the console's account alone (ux A-1)", async () => {
  await appendLine(line("p1"));
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "data")).mode & 0o777).toBe(0o700);
});

test("the lines of one attempt are told together, newest attempt first, also after a restart", async () => {
  await appendLine(line("p1", { detail: { method: "force", targets: ["10.0.0.1:2886"], reason: "INC-1" } }));
  await appendLine(line("p2", { action: "plan.check" }));
  await appendLine(line("p1", { event: "accepted", outcome: { runId: "7" } }));
  await appendLine(line("other", { cluster: { ...cluster, id: "c2" } }));
  for (const restart of [() => undefined, fresh]) {
    restart();
    expect(attempts("c1").map(({ id, event }) => [id, event])).toEqual([
      ["p2", "opened"],
      ["p1", "accepted"],
    ]);
    expect(attemptOfRun("c1", "7")).toMatchObject({
      id: "p1",
      opened: { by: who(), detail: { method: "force", reason: "INC-1" } },
      outcome: { runId: "7" },
      events: [{ event: "opened" }, { event: "accepted" }],
    });
    expect(attemptOfRun("c2", "7")).toBeNull();
  }
});

test("lines that are appended at once stand in the file in the order in which they were asked for", async () => {
  await Promise.all(Array.from({ length: 50 }, (_, at) => appendLine(line(`p${at}`))));
  const ids = linesOf(readFileSync(file(), "utf8")).map((text) => (JSON.parse(text) as AuditLine).id);
  expect(ids).toEqual(Array.from({ length: 50 }, (_, at) => `p${at}`));
});

test("wherever a crash cuts the file, nothing before the cut is lost and the next line is whole", async () => {
  await appendLine(line("p0", { detail: { reason: '扩容 ¶ \n\u2028 "quoted"' } }));
  await appendLine(line("p1"));
  const whole = readFileSync(file());
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (length) => {
      writeFileSync(file(), whole.subarray(0, length));
      fresh();
      const before = attempts("c1").map(({ id }) => id);
      await appendLine(line("next"));
      const after = readFileSync(file());
      expect(after.subarray(0, length).equals(whole.subarray(0, length))).toBe(true);
      fresh();
      expect(attempts("c1").map(({ id }) => id)).toEqual(["next", ...before]);
      const cut = linesOf(whole.subarray(0, length).toString());
      expect(countUnreadable()).toBe(cut.length - before.length);
    }),
    { numRuns: 60 },
  );
});

test("a line that cannot be read is skipped and counted, and stays in the file", async () => {
  await appendLine(line("p1"));
  appendFileSync(file(), '{"id":"half\n\n[]\nnot json\n');
  fresh();
  expect(attempts("c1").map(({ id }) => id)).toEqual(["p1"]);
  expect(countUnreadable()).toBe(3);
  await appendLine(line("p2"));
  expect(readFileSync(file(), "utf8")).toContain("not json\n");
});

test("a file that was moved away does not swallow the next line", async () => {
  await appendLine(line("p1"));
  renameSync(file(), `${file()}.1`);
  await appendLine(line("p2"));
  expect(linesOf(readFileSync(file(), "utf8"))).toHaveLength(1);
});

test("a folder that cannot be made is audit-unwritable", async () => {
  useFolder("config.json/data");
  await expect(appendLine(line("p1"))).rejects.toMatchObject({ kind: "audit-unwritable" });
});

test("a place that keeps nothing is audit-unwritable, and writing goes on once it is mended", async () => {
  mkdirSync(join(folder, "data"));
  symlinkSync("/dev/null", file());
  await expect(appendLine(line("p1"))).rejects.toMatchObject({ kind: "audit-unwritable" });
  unlinkSync(file());
  await appendLine(line("p2"));
  expect(attempts("c1").map(({ id }) => id)).toEqual(["p2"]);
});

test("a failed append is told to its caller only, and the next one is written", async () => {
  const tooLong = { id: "p1", event: "nonsense" } as unknown as Parameters<typeof appendLine>[0];
  const results = await Promise.allSettled([appendLine(line("p0")), appendLine(tooLong), appendLine(line("p2"))]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(attempts("c1").map(({ id }) => id)).toEqual(["p2", "p0"]);
});

test("no acknowledged line is lost when the console is killed while it writes", async () => {
  const journal = pathToFileURL(join(import.meta.dirname, "journal.ts")).href;
  const script = `
    import { writeSync } from "node:fs";
    const module = await import(${JSON.stringify(journal)});
    const { appendLine } = module.default ?? module;
    const cluster = ${JSON.stringify(cluster)};
    const one = async (id) => {
      await appendLine({ id, event: "opened", action: "cluster.stop", cluster, detail: { reason: "x".repeat(4000) } });
      writeSync(1, id + "\\n");
    };
    for (let at = 0; ; at += 4) await Promise.all([0, 1, 2, 3].map((more) => one("p" + process.pid + "-" + (at + more))));
  `;
  const acknowledged: string[] = [];
  for (const afterLines of [1, 7, 20]) {
    const child = spawn(
      process.execPath,
      ["--conditions=react-server", "--import", "tsx", "--input-type=module", "-e", script],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let text = "";
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        if (linesOf(text).length >= afterLines) child.kill("SIGKILL");
      });
      child.once("close", () => resolve());
    });
    expect(child.signalCode).toBe("SIGKILL");
    acknowledged.push(...linesOf(text));
    fresh();
    const known = new Set(attempts("c1").map(({ id }) => id));
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThan(25);
}, 60_000);

test("memory stays bounded: the oldest attempts are forgotten whole, with their runs", () => {
  const index = createIndex({ lines: 4, bytes: 1_000 });
  const full = (id: string, rest: Partial<AuditLine> = {}): AuditLine => ({ ...line(id, rest), at: "", by: "" });
  for (const id of ["a", "b", "c"]) {
    index.add(full(id), 10);
    index.add(full(id, { event: "accepted", outcome: { runId: `run-${id}` } }), 10);
  }
  expect(index.attempts("c1").map(({ id }) => id)).toEqual(["c", "b"]);
  expect(index.attemptOfRun("c1", "run-a")).toBeNull();
  expect(index.attemptOfRun("c1", "run-b")?.events).toHaveLength(2);
  index.add(full("big"), 5_000);
  expect(index.attempts("c1").map(({ id }) => id)).toEqual(["big"]);
});
