import { expect, test } from "vitest";
import { auditExportSchema, auditQuerySchema, unreadSpan } from "./schema";

test("an end of the span that cannot be read is named on the page, and refused by the export", () => {
  const search = { from: "x", to: "2026-11-23T03:12" };
  expect(auditQuerySchema.parse(search)).toEqual({ to: "2026-11-23T03:12" });
  expect(unreadSpan(search)).toEqual([{ end: "from", value: "x" }]);
  expect(auditExportSchema.safeParse(search).success).toBe(false);
});

test("an end that is left empty or out is no mistake", () => {
  expect(unreadSpan({ from: "" })).toEqual([]);
  expect(auditExportSchema.parse({ from: "" })).toMatchObject({ format: "csv" });
  expect(auditExportSchema.parse({ from: "2026-11-23T03:12" })).toMatchObject({ from: "2026-11-23T03:12" });
});
