import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createFormatter } from "next-intl";
import { expect, test } from "vitest";
import * as formats from "./date-formats";

test.each(Object.entries(formats))("five past midnight is 00:05 in both languages as %s", (_name, format) => {
  for (const locale of ["en", "zh"] as const) {
    const said = createFormatter({ locale, timeZone: "UTC" }).dateTime(new Date("2026-11-23T00:05:12Z"), format);
    expect(said).toMatch(/(^|\D)00:05/);
    expect(said).not.toMatch(/[AP]M|上午|下午/);
  }
});

test("no screen words a time of day by itself: every format is one of these", () => {
  const sources = ["app", "components"].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" }).map((path) => join(room, path)),
  );
  const own = sources.filter((path) => /(?<!\.test)\.tsx?$/.test(path) && !path.endsWith("ui/date-formats.ts"));
  const worded = own.filter((path) =>
    /\.slice\(11\b|\bhour12\b|\bhourCycle\b|\btimeStyle\b|\bhour: "|toLocale(Time|Date)?String/.test(
      readFileSync(path, "utf8"),
    ),
  );
  expect(worded).toEqual([]);
  // And no zone but the one of the page, which follows the browser in one place.
  const zoned = own.filter((path) =>
    /DateTimeFormat|resolvedOptions|getTimezoneOffset/.test(readFileSync(path, "utf8")),
  );
  expect(zoned).toEqual([join("components", "layout", "zone-cookie.ts")]);
});
