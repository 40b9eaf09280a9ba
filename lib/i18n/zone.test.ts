import { expect, test } from "vitest";
import { isZone, readZone, writeZone } from "./zone";

test("a cookie says the zone, and whether it follows the browser", () => {
  expect(readZone("Asia/Shanghai")).toEqual({ zone: "Asia/Shanghai", isBrowsers: false });
  expect(readZone("browser:America/Argentina/Buenos_Aires")).toEqual({
    zone: "America/Argentina/Buenos_Aires",
    isBrowsers: true,
  });
  for (const cookie of ["UTC", "browser:Etc/GMT+8"])
    expect(writeZone(readZone(cookie) ?? { zone: "", isBrowsers: false })).toBe(cookie);
});

test.each([
  undefined,
  "",
  "browser:",
  "Mars/Olympus",
  "Etc/Unknown",
  "+08:00",
  "Asia/Shanghai; path=/",
  "<script>",
  "../../etc/passwd",
  "A".repeat(5_000),
  "Asia/Shanghai\r\nset-cookie: a=b",
  "上海",
])("a cookie that names no zone says nothing: %j", (cookie) => {
  expect(readZone(cookie)).toBeNull();
});

test("zones of the browser's list are zones here", () => {
  expect(Intl.supportedValuesOf("timeZone").every(isZone)).toBe(true);
});
