import { expect, test } from "vitest";
import type { Attempt, AuditLine } from "@/lib/audit/schema";
import { timelineOf } from "./timeline-lines";

const at = (second: number) => new Date(second * 1000).toISOString();
function attemptOf(...events: [AuditLine["event"], second: number][]): Attempt {
  const opened = { id: "p", at: at(10), event: "opened", action: "cluster.stop", by: "ann", cluster: null, detail: {} };
  return {
    id: "p",
    seq: 1,
    opened: { ...opened, detail: { reviewedAt: at(1) } } as AuditLine,
    event: "accepted",
    outcome: null,
    events: events.map(([event, second]) => ({ at: at(second), by: "engine", event, outcome: null, detail: {} })),
  };
}
const told = (attempt: Attempt) =>
  timelineOf(attempt).map((line) => (line.kind === "step" ? line.step.event : [line.kind, line.at].join(" ")));

test("a run is told from its review to its end", () => {
  expect(told(attemptOf(["opened", 10], ["accepted", 11], ["step", 12], ["finished", 20]))).toEqual([
    ...[`reviewed ${at(1)}`, "opened", "accepted", "step", "finished"],
  ]);
});

test("a time without data is one gap, up to when the run is told about again", () => {
  const attempt = attemptOf(["accepted", 11], ["silent", 12], ["silent", 13], ["heard", 132], ["finished", 140]);
  expect(told(attempt)).toEqual([`reviewed ${at(1)}`, "accepted", `gap ${at(12)}`, "finished"]);
  expect(timelineOf(attempt)[2]).toMatchObject({ kind: "gap", at: at(12), to: at(132) });
});

test("a gap that nothing ended goes on, and a closing by a person ends it", () => {
  expect(timelineOf(attemptOf(["accepted", 11], ["silent", 12])).at(-1)).toMatchObject({ kind: "gap", to: null });
  const closed = timelineOf(attemptOf(["accepted", 11], ["silent", 12], ["closed", 99]));
  expect(closed.at(-2)).toMatchObject({ kind: "gap", to: at(99) });
});
