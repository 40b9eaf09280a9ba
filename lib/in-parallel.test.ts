import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { askEach, inParallel } from "./in-parallel";

test("does every item once, and never more than so many at a time", async () => {
  const done: number[] = [];
  let now = 0;
  let most = 0;
  const items = Array.from({ length: 40 }, (_, at) => at);
  await inParallel(
    items,
    async (item) => {
      now += 1;
      most = Math.max(most, now);
      await sleep(item % 3);
      now -= 1;
      done.push(item);
    },
    7,
  );
  expect(done.toSorted((left, right) => left - right)).toEqual(items);
  expect(most).toBe(7);
});

test("after the first failure nothing more is begun, what is under way ends, and that failure is thrown", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    if (item === 1) throw new Error("first");
    await sleep(5);
    ended.push(item);
    if (item === 2) throw new Error("second");
  };
  await expect(inParallel([1, 2, 3, 4, 5, 6], work, 3)).rejects.toThrow("first");
  expect(begun).toEqual([1, 2, 3]);
  expect(ended).toEqual([2, 3]);
});

test("keeps each answer beside its item", async () => {
  expect(await askEach(["a", "bb"], (item) => Promise.resolve(item.length))).toEqual(
    new Map([
      ["a", 1],
      ["bb", 2],
    ]),
  );
});
