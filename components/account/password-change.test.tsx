import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test, vi } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import { PasswordChange } from "./password-change";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test.each([
  ["en", "Current password", "This is not your current password."],
  ["zh", "当前密码", "这不是您当前的密码。"],
] as const)(
  "a wrong current password is called that, and nobody is asked for a name (%s)",
  async (locale, label, said) => {
    const answer = Response.json({ failure: { kind: "password-wrong" } }, { status: 401 });
    vi.stubGlobal("fetch", () => Promise.resolve(answer));
    render(
      <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
        <PasswordChange name="li.wei" />
      </NextIntlClientProvider>,
    );
    await act(async () => {
      fireEvent.submit(screen.getByLabelText(label));
      await Promise.resolve();
    });
    await waitFor(() => expect(screen.getByText(said)).toBeTruthy());
    expect(screen.queryByText(MESSAGES[locale].errors["password-wrong"].what)).toBeNull();
  },
);
