import { expect, test } from "vitest";
import { ownPath } from "./own-path";

test.each([
  ["/clusters/c1?view=tiles#z", "/clusters/c1?view=tiles#z"],
  ["/login/done", "/login/done"],
  [null, "/"],
  ["", "/"],
  ["clusters", "/"],
  ["//evil.example/x", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["/.//evil.example", "/"],
  ["https://evil.example/", "/"],
  ["javascript:alert(1)", "/"],
  ["/login?next=/x", "/"],
  ["/api/auth/who", "/"],
])("after signing in, %j leads to %s", (wanted, path) => expect(ownPath(wanted)).toBe(path));
