import { expect, test } from "vitest";
import { ageOf } from "./clock";

test("what was noted before the clock was set back is old, and never fresh", () => {
  const minute = 60_000;
  expect(ageOf(0, minute)).toBe(minute);
  expect(ageOf(10 * minute, 9 * minute)).toBeGreaterThan(24 * 60 * minute);
  // A few ms are how clocks are kept right.
  expect(ageOf(5, 0)).toBe(0);
});
