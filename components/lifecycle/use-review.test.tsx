import { act, renderHook } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readMethod, resetMethod, writeMethod } from "./selection-store";
import { useReview } from "./use-review";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  resetMethod();
  vi.useRealTimers();
});

const pending = () => new Promise<never>(() => undefined);
const review = (clusterId = "c1") =>
  renderHook(({ id }) => useReview(id, pending, { ask: () => null }), {
    wrapper: StrictMode,
    initialProps: { id: clusterId },
  });
const nextTasks = () => act(() => vi.advanceTimersByTimeAsync(1));

test("a second run of effects in development does not drop the method", async () => {
  writeMethod("c1", "terminate");
  review();
  await nextTasks();
  expect(readMethod("c1")).toBe("terminate");
});

test("leaving the page drops the method, and so does going on to another cluster", async () => {
  writeMethod("c1", "force");
  review().unmount();
  await nextTasks();
  expect(readMethod("c1")).toBe("stop");
  const { rerender } = review();
  writeMethod("c1", "force");
  rerender({ id: "c2" });
  await nextTasks();
  expect(readMethod("c1")).toBe("stop");
});

test("a plan is asked for once, however often effects run", async () => {
  const ask = vi.fn(() => null);
  renderHook(() => useReview("c1", pending, { ask }), { wrapper: StrictMode });
  await nextTasks();
  expect(ask).toHaveBeenCalledOnce();
});
