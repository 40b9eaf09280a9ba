import { expect, test } from "vitest";
import { examplePlan } from "./example-plan";
import { targetsAsCsv } from "./plan-export";

const [target] = examplePlan().targets;

test("the targets open in a spreadsheet as they are: UTF-8 by its mark, no cell run, no cell split", () => {
  const zones = ["华东;一区", "=1+1", "\r=1", "＝1+1", ' @"a"'];
  const targets = zones.flatMap((zone, at) => (target ? { ...target, zone, address: `10.0.${at}.1:2886` } : []));
  const csv = targetsAsCsv(examplePlan({ targets }));
  const [head, ...rows] = csv.split("\r\n");
  expect(head).toBe('\uFEFF"environment","cluster","zone","address","state","agent_answers","root_service"');
  expect(rows.pop()).toBe("");
  const cells = rows.map((row) => row.split(/,(?=")/)[2]);
  expect(cells.toSorted()).toEqual(['"华东;一区"', `"'=1+1"`, `"'\r'=1"`, `"'＝1+1"`, `"' @""a"""`].toSorted());
  expect(rows.every((row) => row.startsWith('"TEST","prod-core",'))).toBe(true);
});
