import { expect, test } from "vitest";
import { instantOf, offsetName, wallClockIn } from "./wall-clock";

test.each([
  ["UTC", "2026-11-23T03:00:00Z", "UTC"],
  ["Asia/Shanghai", "2026-11-23T03:00:00Z", "UTC+8"],
  ["Asia/Kolkata", "2026-11-23T03:00:00Z", "UTC+5:30"],
  ["America/St_Johns", "2026-11-23T03:00:00Z", "UTC-3:30"],
  ["Europe/Berlin", "2026-11-23T03:00:00Z", "UTC+1"],
  ["Europe/Berlin", "2026-07-23T03:00:00Z", "UTC+2"],
  ["Europe/London", "2026-11-23T03:00:00Z", "UTC"],
])("%s is at %s %s", (zone, at, name) => {
  expect(offsetName(zone, Date.parse(at))).toBe(name);
});

test("the wall clock of a zone is of its own day around midnight", () => {
  expect(wallClockIn("Asia/Shanghai", "2026-11-22T16:00:00Z")).toBe("2026-11-23T00:00");
  expect(wallClockIn("America/New_York", "2026-11-23T04:59:59Z")).toBe("2026-11-22T23:59");
});

test.each(["UTC", "Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"])(
  "what the clocks of %s show at an instant leads back to it",
  (zone) => {
    for (let hour = 0; hour < 366 * 24; hour += 97) {
      const instant = new Date(Date.UTC(2026, 0, 1, hour, 15)).toISOString();
      const wallClock = wallClockIn(zone, instant);
      expect([instantOf(zone, wallClock, "from"), instantOf(zone, wallClock, "to")]).toContain(instant);
    }
  },
);

test("a span that begins or ends in the hour that comes twice holds both of them", () => {
  expect(instantOf("Europe/Berlin", "2026-10-25T02:30", "from")).toBe("2026-10-25T00:30:00.000Z");
  expect(instantOf("Europe/Berlin", "2026-10-25T02:30", "to")).toBe("2026-10-25T01:30:00.000Z");
});

test("an hour that the clocks leave out is the one after it", () => {
  expect(instantOf("Europe/Berlin", "2026-03-29T02:30", "from")).toBe("2026-03-29T01:30:00.000Z");
});
