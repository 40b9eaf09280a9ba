import { expect, test } from "vitest";
import { compareVersions, supports, withoutRelease } from "./version";

test("versions compare by number, without their release", () => {
  expect(withoutRelease("4.4.2.0-12026041610")).toBe("4.4.2.0");
  expect(compareVersions("4.4.2.0-1", "4.4.2.0-9")).toBe(0);
  expect(compareVersions("4.10.0.0", "4.9.0.0")).toBeGreaterThan(0);
  expect(compareVersions("4.3", "4.3.0.0")).toBe(0);
  expect(compareVersions("", "4.2.3.0")).toBeLessThan(0);
});

test("features begin with the version that brought them", () => {
  expect(supports("4.2.2.0", "authV2")).toBe(false);
  expect(supports("4.2.3.0-1", "authV2")).toBe(true);
  expect(supports("4.4.0.0", "zoneStop")).toBe(false);
  expect(supports("4.4.1.0", "zoneStop")).toBe(true);
  expect(supports("4.2.6.0", "agentDags")).toBe(false);
});
