import { expect, test } from "vitest";
import { exampleTopology, withServer } from "../clusters/testing/example-topology";
import { startImpactOf, whyNotStartable } from "./start-impact";

const A1 = "10.0.1.1:2886";
const B1 = "10.0.2.1:2886";
const C1 = "10.0.3.1:2886";

test("a server that does not serve yet is not started again, and its zone is not back with it", () => {
  const down = withServer(exampleTopology(3, 1), A1, { state: "PROCESS_STOPPED", obState: 0 });
  const early = withServer(down, B1, { state: "NOT_SERVING_YET" });
  const server = early.zones[1]?.servers[0];
  expect(server && whyNotStartable(server)).toBe("not-serving-yet");
  expect(startImpactOf(early, new Set([B1])).blocks).toEqual([{ reason: "not-startable", zones: [], servers: [B1] }]);
  expect(startImpactOf(down, new Set([A1]))).toMatchObject({ staying: 2, majority: { verdict: "kept" } });
  expect(startImpactOf(early, new Set([A1]))).toMatchObject({ staying: 1, majority: { verdict: "no-spare" } });
  const less = withServer(early, C1, { state: "STARTING" });
  expect(startImpactOf(less, new Set([A1])).majority.verdict).toBe("lost");
});
