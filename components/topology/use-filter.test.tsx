import { act, renderHook } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { useFilter } from "./use-filter";

const address = new URLSearchParams("q=10.0.0.1&from=a-colleague");
vi.mock("next/navigation", () => ({ useSearchParams: () => address }));
afterEach(() => void vi.useRealTimers());

test("the address is written when a filter changes, and not because effects run twice in development", async () => {
  vi.useFakeTimers();
  const write = vi.spyOn(window.history, "replaceState");
  const { result } = renderHook(() => useFilter(), { wrapper: StrictMode });
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  expect(write).not.toHaveBeenCalled();
  act(() => result.current.change({ zone: "zone2" }));
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  expect(write.mock.calls).toEqual([[null, "", "?q=10.0.0.1&zone=zone2"]]);
});
