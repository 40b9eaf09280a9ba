import { expect, test } from "vitest";
import { EMPTY_LOG, findLines, splitAt, withNew, withOlder } from "./log-text";

const answer = (from: number, lines: string[], more: { total?: number; attempt?: number } = {}) => ({
  from,
  lines,
  total: from + lines.length,
  attempt: 1,
  ...more,
});

test("new lines are added once, whichever answer brings them, and a gap is never closed by a guess", () => {
  const first = withNew(EMPTY_LOG, answer(500, ["a", "b"]));
  expect(first).toMatchObject({ from: 500, origin: 500, lines: ["a", "b"], loaded: true });
  const more = withNew(first, answer(501, ["b", "c"]));
  expect(more.lines).toEqual(["a", "b", "c"]);
  expect(withNew(more, answer(502, ["c"]))).toBe(more);
  expect(withNew(more, answer(510, ["k"]))).toBe(more);
});

test("a log that its next attempt began anew is read anew; one that is short because its agent is silent is kept", () => {
  const known = withNew(EMPTY_LOG, answer(0, ["a", "b", "c"]));
  expect(withNew(known, answer(1, [], { total: 1 }))).toBe(known);
  expect(withNew(known, answer(1, [], { total: 1, attempt: 3 }))).toEqual(EMPTY_LOG);
});

test("older lines join at the front without moving the origin", () => {
  const known = withNew(EMPTY_LOG, answer(4, ["e", "f"]));
  expect(withOlder(known, answer(2, ["c", "d", "e"]))).toMatchObject({
    from: 2,
    origin: 4,
    lines: ["c", "d", "e", "f"],
  });
  expect(withOlder(known, answer(0, ["a", "b"]))).toBe(known);
});

test("a search takes its text literally and ignores case", () => {
  const log = { from: 10, lines: ["kill (pid 1)", "done", "KILL (PID 2)"] };
  expect(findLines(log, "kill (pid")).toEqual([10, 12]);
  expect(findLines(log, ".")).toEqual([]);
  expect(findLines(log, "")).toEqual([]);
  expect(splitAt("a KILL (pid 1)", "kill (")).toEqual(["a ", "KILL (", "pid 1)"]);
});
