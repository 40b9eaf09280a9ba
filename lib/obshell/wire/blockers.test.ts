import { expect, test } from "vitest";
import { readBlockers } from "./blockers";

test("the holder is named once, plain or nested in a peer's error, however often it was tried", () => {
  const nested =
    "try 1/3: ERROR: [Agent.RPC.RequestError]: request to 10.0.0.12:2886 failed: agent is under maintenance by DAG [201677721710288617:Stop observer]";
  const logs = [
    "inform 10.0.0.12:2886",
    nested,
    nested.replace("1/3", "2/3"),
    "ERROR: [Agent.UnderMaintenanceDag]: agent under maintenance by DAG [201677721720288603:Start observer]",
  ];
  expect(readBlockers(logs)).toEqual([
    { mainDagId: "201677721710288617", name: "Stop observer" },
    { mainDagId: "201677721720288603", name: "Start observer" },
  ]);
});

test("older agents name the id only", () => {
  expect(readBlockers(["agent is under maintenance, dag id: 201677721710288617"])).toEqual([
    { mainDagId: "201677721710288617", name: null },
  ]);
});

test("a holder without an id stays, since it cannot be passed", () => {
  expect(readBlockers(["under maintenance by DAG [:Upgrade agent]"])).toEqual([
    { mainDagId: null, name: "Upgrade agent" },
  ]);
  expect(readBlockers(["agent is under maintenance, dag id: "])).toEqual([{ mainDagId: null, name: null }]);
});

test("other lines name nobody", () => {
  expect(readBlockers(["create task 201677721710288618 successfully", ""])).toEqual([]);
});
