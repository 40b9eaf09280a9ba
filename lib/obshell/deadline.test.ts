import { Linter } from "eslint";
import { expect, test } from "vitest";
import rules from "../../eslint.config.mjs";
import { follow, isTimeout, withDeadline } from "./deadline";

test("what follows a signal aborts with it and with its reason, also when it fired before, and not after leaving", () => {
  const [early, late, gone] = [new AbortController(), new AbortController(), new AbortController()];
  const caller = new AbortController();
  follow(early, caller.signal);
  follow(gone, caller.signal)();
  caller.abort("given up");
  follow(late, caller.signal);
  expect([early.signal.reason, late.signal.reason, gone.signal.aborted]).toEqual(["given up", "given up", false]);
});

test("a deadline is told from somebody who gave up", async () => {
  const wait = (signal: AbortSignal) =>
    new Promise<boolean>((resolve) => signal.addEventListener("abort", () => resolve(isTimeout(signal))));
  expect(await withDeadline({ timeoutMs: 1 }, wait)).toBe(true);
  const caller = new AbortController();
  const given = withDeadline({ timeoutMs: 60_000, signal: caller.signal }, wait);
  caller.abort();
  expect(await given).toBe(false);
});

test.each(["AbortSignal.any([])", "const { any } = AbortSignal; any([]);", 'AbortSignal["any"]([])'])(
  "the linter refuses %s, which Node 20 may collect before it fires",
  (code) => {
    const own = rules.flatMap((part) => part.rules?.["no-restricted-properties"] ?? []);
    expect(own).not.toEqual([]);
    const found = new Linter().verify(code, [{ rules: { "no-restricted-properties": own as ["error", ...object[]] } }]);
    expect(found.map(({ ruleId }) => ruleId)).toEqual(["no-restricted-properties"]);
  },
);
