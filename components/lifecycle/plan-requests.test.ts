import { afterEach, expect, test } from "vitest";
import { examplePlan } from "./example-plan";
import { askedStop, requestAgain, requestOf, withReleases } from "./plan-requests";
import { followUp, readSelection, resetMethod, writeMethod, writeSelection } from "./selection-store";

afterEach(() => {
  resetMethod();
  writeSelection("c1", []);
});

test("what a run's page asked for is planned once, and the selection afterwards", () => {
  followUp("c1", { servers: ["10.0.1.1:2886"], method: "force", continues: "2167", cancels: "2167" });
  expect(askedStop("c1")).toMatchObject({ method: "force", continues: "2167", cancels: "2167", releases: [] });
  expect([...readSelection("c1")]).toEqual(["10.0.1.1:2886"]);
  resetMethod(); // as leaving the page does
  expect(askedStop("c1")).toMatchObject({ method: "stop", continues: null, cancels: null });
});

test("a follow-up that nobody went to, or of another cluster, counts for nothing", () => {
  followUp("c1", { servers: ["10.0.1.1:2886"], continues: "2167" });
  resetMethod(); // the picker was opened instead
  writeSelection("c1", ["10.0.2.1:2886"]);
  expect(askedStop("c1")).toMatchObject({ servers: ["10.0.2.1:2886"], continues: null });
  followUp("c1", { servers: ["10.0.1.1:2886"], method: "force", continues: "2167" });
  expect(askedStop("c2")).toBeNull();
});

test("Force is planned again only while it is still on", () => {
  const asked = requestOf(examplePlan({ method: "force" }));
  expect(requestAgain(asked)).toMatchObject({ method: "stop" });
  writeMethod("c1", "force");
  expect(requestAgain(asked)).toMatchObject({ method: "force" });
  expect(requestAgain(requestOf(examplePlan({ method: "terminate" })))).toMatchObject({ method: "terminate" });
});

test("only a stop and a start release leftovers", () => {
  expect(withReleases(requestOf(examplePlan()), ["2167"])).toMatchObject({ action: "stop", releases: ["2167"] });
  const cancel = { action: "cancel", clusterId: "c1", runId: "2167" } as const;
  expect(withReleases(cancel, ["2168"])).toBe(cancel);
});
