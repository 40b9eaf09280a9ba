import { expect, test } from "vitest";
import { csvHeader, csvRow, type ExportedLine } from "./csv";

const row: ExportedLine["row"] = { seq: 7, previous: "p", hash: "h" };

test("a line keeps every field, also which run it works on and what its plan would send", () => {
  const line: ExportedLine["line"] = {
    ...{ id: "a-1", at: "2026-11-23T03:00:00.000Z", event: "opened", action: "plan.check", by: "＝li.wei" },
    cluster: { id: "c1", name: "华东", environment: "PROD" },
    detail: { planned: "run.retry", continues: "201", releases: ["202", "203"], planId: "p-1", imported: true },
    outcome: { runId: "204", kind: "agent-refused", agentCode: "X", traceId: "t" },
  };
  const names = csvHeader().slice(1).trim().split(",");
  const cells = csvRow({ row, line }).trim().split(",");
  expect(cells).toHaveLength(names.length);
  const told = Object.fromEntries(
    names.flatMap((name, at) => (cells[at] ? [[name.slice(1, -1), cells[at]?.slice(1, -1)]] : [])),
  );
  expect(told).toEqual({
    ...{ seq: "7", at: "2026-11-23T03:00:00.000Z", attempt: "a-1", event: "opened", action: "plan.check" },
    ...{ person: "'＝li.wei", cluster: "c1", clusterName: "华东", environment: "PROD" },
    ...{ planned: "run.retry", continues: "201", releases: "202 203", plan: "p-1", imported: "true" },
    ...{ run: "204", outcome: "agent-refused", agentCode: "X", trace: "t", previous: "p", hash: "h" },
  });
});

test("what belongs to no cluster has empty cells for it", () => {
  const line: ExportedLine["line"] = {
    ...{ id: "a-2", at: "2026-11-23T03:00:00.000Z", event: "accepted", action: "session.sign-in", by: "li.wei" },
    cluster: null,
    detail: {},
  };
  expect(csvRow({ row, line })).toMatch(
    /^"7","2026-11-23T03:00:00.000Z","a-2","accepted","session.sign-in","li.wei",,,,/,
  );
});
