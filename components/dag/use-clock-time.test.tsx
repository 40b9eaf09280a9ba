import { render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { expect, test } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import { useClockTime } from "./use-clock-time";

const At = () => <p data-testid="at">{useClockTime()("2026-11-23T00:05:12Z")}</p>;

test("five past midnight is 00:05 on a run's page", () => {
  render(
    <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone="UTC">
      <At />
    </NextIntlClientProvider>,
  );
  expect(screen.getByTestId("at").textContent).toBe("00:05:12");
});
