import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import { useMoment } from "./use-moment";

const At = ({ at, day }: { at: string; day?: string }) => <p>{useMoment()(at, day)}</p>;

function said(timeZone: string, at: string, day?: string) {
  cleanup();
  render(
    <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone={timeZone}>
      <At at={at} day={day} />
    </NextIntlClientProvider>,
  );
  return screen.getByRole("paragraph").textContent;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date("2026-11-22T16:10:00Z"));
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("a time of yesterday is never told as one of today, and which day that is goes by the zone of the page", () => {
  expect(said("UTC", "2026-11-22T15:50:00Z")).toBe("15:50:00");
  expect(said("Asia/Shanghai", "2026-11-22T15:50:00Z")).toBe("Nov 22, 2026, 23:50:00"); // there it is the 23rd, ten past midnight
  expect(said("Asia/Shanghai", "2026-11-22T16:05:00Z")).toBe("00:05:00");
  expect(said("America/New_York", "2026-11-21T16:10:00Z")).toBe("Nov 21, 2026, 11:10:00");
  expect(said("America/New_York", "2025-11-22T16:10:00Z")).toBe("Nov 22, 2025, 11:10:00");
});

test("where another day is spoken of, its times go without it and all others say theirs", () => {
  expect(said("UTC", "2026-11-20T23:59:58Z", "2026-11-20T23:00:00Z")).toBe("23:59:58");
  expect(said("UTC", "2026-11-21T00:00:02Z", "2026-11-20T23:00:00Z")).toBe("Nov 21, 2026, 00:00:02");
});
