import { render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test, vi } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import { StoreAway } from "./store-away";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it says what is away and what to do, asks on, and goes back once the store answers", async () => {
  vi.useFakeTimers();
  const fetch = vi
    .fn()
    .mockResolvedValueOnce({ ok: false })
    .mockRejectedValueOnce(new TypeError())
    .mockResolvedValue({ ok: true });
  vi.stubGlobal("fetch", fetch);
  const onBack = vi.fn();
  render(
    <NextIntlClientProvider locale="en" messages={MESSAGES.en}>
      <StoreAway onBack={onBack} />
    </NextIntlClientProvider>,
  );
  expect(screen.getByRole("alert").textContent).toContain("The console's store does not answer.");
  await vi.advanceTimersByTimeAsync(6_500);
  expect(onBack).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(onBack).toHaveBeenCalledTimes(1);
});
