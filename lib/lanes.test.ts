import { expect, test } from "vitest";
import { createLanes } from "./lanes";

/** A work that ends when it is told to. */
function held() {
  let end: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (end = resolve));
  let begun = false;
  return { begun: () => begun, end, work: () => ((begun = true), promise) };
}
const settle = () => new Promise((resolve) => setTimeout(resolve));

test("no more works go on than there are lanes, and the next begins when one ends, well or not", async () => {
  const run = createLanes(2);
  const works = [held(), held(), held()] as const;
  const ended = works.map(({ work }) => run(work));
  const failing = run(() => Promise.reject(new Error("no")));
  await settle();
  expect(works.map(({ begun }) => begun())).toEqual([true, true, false]);
  works[0].end();
  await settle();
  expect(works[2].begun()).toBe(true);
  works[1].end();
  await expect(failing).rejects.toThrow("no");
  works[2].end();
  await Promise.all(ended);
});

test("a work that is given up while it waits never begins, and holds up nobody", async () => {
  const run = createLanes(1);
  const [first, left, last] = [held(), held(), held()];
  const done = run(first.work);
  const leaving = new AbortController();
  const gone = run(left.work, leaving.signal);
  const kept = run(last.work);
  leaving.abort(new Error("left the page"));
  await expect(gone).rejects.toThrow("left the page");
  first.end();
  await done;
  await settle();
  expect([left.begun(), last.begun()]).toEqual([false, true]);
  last.end();
  await kept;
  await expect(run(() => Promise.resolve(1), leaving.signal)).rejects.toThrow("left the page");
});
