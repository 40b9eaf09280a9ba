import { expect, test } from "vitest";
import type { Dag } from "../obshell/schema";
import { activeRunsOf } from "./active-runs";

const MAIN: Dag = {
  ...{ id: "201677721710288617", name: "Start OB", state: "RUNNING", operator: "RETRY", stage: 4, maxStage: 5 },
  ...{ startedAt: "2026-01-01T00:00:00Z", endedAt: null, subDags: {}, mainDagId: null, nodes: [] },
};

test("a run that goes and holds nobody is told; one that has ended and holds nobody is not", () => {
  const going = activeRunsOf([], new Map([[MAIN.id, MAIN]]));
  expect(going).toMatchObject([{ id: MAIN.id, state: "RUNNING", holdsMaintenance: false, holds: [] }]);
  const ended = { ...MAIN, state: "SUCCEED" as const };
  expect(activeRunsOf([], new Map([[MAIN.id, ended]]))).toEqual([]);
  expect(activeRunsOf([], new Map([[MAIN.id, null]]))).toEqual([]);
});
