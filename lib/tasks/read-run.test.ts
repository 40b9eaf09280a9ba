import { expect, test } from "vitest";
import { at, isSettled, readsOf, start, stop, withSimulator, watch } from "./testing/simulated";

withSimulator();

test("ten viewers follow a force stop to the servers' own word, at two reads a second (ux H-1, L-1, check 19)", async () => {
  await start({ scenario: "medium", timeScale: 4 });
  const target = at(4);
  const runId = await stop([target], "force");
  const sinceMs = Date.now();
  const viewers = Array.from({ length: 10 }, () => watch(runId, isSettled));
  const runs = await Promise.all(viewers);
  const seconds = (Date.now() - sinceMs) / 1_000;
  expect(runs[0]).toMatchObject({
    state: "SUCCEEDED",
    method: "force",
    reason: "INC-4471",
    counts: { total: 1, done: 1 },
    outcome: { state: "reached", stopped: 1, missed: [] },
    problems: [],
  });
  expect(runs[0]?.zoneOf[target]).toBe("zone2");
  // A pass is followed by half a second for each of its reads; the last, of at most four, is followed by none.
  expect(readsOf(runId).length).toBeLessThanOrEqual(2 * seconds + 4);
  expect(new Set(readsOf(runId).map((request) => request.agent))).toEqual(new Set([at(0)]));
});

test.each(["stop", "terminate"] as const)("a %s ends where it was wanted", async (method) => {
  await start({ scenario: "medium" });
  const run = await watch(await stop([at(3)], method), isSettled);
  const wanted = method === "stop" ? "SERVICE_STOPPED" : "PROCESS_STOPPED";
  expect(run).toMatchObject({ state: "SUCCEEDED", outcome: { state: "reached", wanted, stopped: 1 } });
});
