import { expect, test } from "vitest";
import { exampleTopology } from "../clusters/testing/example-topology";
import { fingerprintOf } from "./draft";
import { impactOf } from "./impact";
import type { Judgement } from "./judgement";
import type { Blocker, StopRequest } from "./schema";

const SERVER = "10.0.1.1:2886";
const REQUEST: StopRequest = {
  ...{ action: "stop", clusterId: "c1", servers: [SERVER], method: "stop", releases: [] },
  ...{ continues: null, cancels: null },
};
const LEFTOVER: Blocker = {
  ...{ id: "21670000000031", name: "Stop OB", state: "FAILED", stage: 3, maxStage: 6, since: null, by: null },
  ...{ coordinator: SERVER, agents: ["10.0.2.1:2886", "10.0.1.1:2886"], releasable: true, chosen: false, work: "over" },
};

function judged(change: Partial<Judgement> = {}): Judgement {
  const impact = impactOf(exampleTopology(), new Set([SERVER]), "stop");
  const none = { checks: [], targets: [], tierReasons: [], coordinator: null, run: null, call: null };
  return { impact, blockers: [LEFTOVER], tier: 1, ...none, ...change };
}
const same = (change: Partial<Judgement>): boolean =>
  fingerprintOf(REQUEST, judged()) === fingerprintOf(REQUEST, judged(change));

test("what the dialog says of what is in the way is part of what is confirmed (ux G-4)", () => {
  expect(same({ blockers: [{ ...LEFTOVER, state: "UNKNOWN", work: "unknown" }] })).toBe(false);
  expect(same({ blockers: [{ ...LEFTOVER, agents: [SERVER] }] })).toBe(false);
  expect(same({ blockers: [{ ...LEFTOVER, agents: [...LEFTOVER.agents].reverse() }] })).toBe(true);
});

test("so is whose verdict on the majority it is, and who would refuse the stop; its age is not", () => {
  const { impact } = judged();
  const resting = (change: Partial<typeof impact.majority>) => ({
    impact: { ...impact, majority: { ...impact.majority, ...change } },
  });
  expect(same(resting({ source: "cluster" }))).toBe(false);
  expect(same(resting({ guard: "nobody" }))).toBe(false);
  expect(same(resting({}))).toBe(true);
});
