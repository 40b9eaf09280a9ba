import { expect, test } from "vitest";
import { exampleRun, exampleTopology } from "@/lib/clusters/testing/example-topology";
import { backOffMs, nextReadMs } from "./use-topology";

const run = exampleRun();

test("the next read falls just after the server side's own, so that data stays far younger than the 15 s limit", () => {
  const idle = exampleTopology();
  expect(nextReadMs(idle, 0)).toBeLessThanOrEqual(6_000);
  expect(nextReadMs(idle, 4_000)).toBeLessThan(nextReadMs(idle, 1_000));
  expect(nextReadMs(exampleTopology(3, 3, { activeRuns: [run] }), 0)).toBeLessThan(nextReadMs(idle, 0));
  expect(nextReadMs(exampleTopology(3, 3, { activeRuns: [{ ...run, holdsMaintenance: true }] }), 0)).toBe(
    nextReadMs(idle, 0),
  );
});

test("however old the picture is, reads keep a distance", () => {
  expect(nextReadMs(exampleTopology(), 60_000)).toBe(1_500);
});

test("after failures it asks again at 1, 2, 4, 8 and then every 15 s, 20 % to either side, and never stops", () => {
  expect([1, 2, 3, 4, 5, 6, 100].map((failures) => backOffMs(failures, 0.5))).toEqual([
    1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000,
  ]);
  expect(backOffMs(5, 0)).toBe(12_000);
  expect(backOffMs(5, 1)).toBe(18_000);
});
