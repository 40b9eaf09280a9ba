import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TestStep } from "@/lib/clusters/schema";
import { MESSAGES } from "@/lib/i18n/messages";
import { ClusterForm } from "./cluster-form";

vi.mock("next/navigation", () => ({ useRouter: () => ({ push: vi.fn(), refresh: vi.fn() }) }));

const EMPTY = {
  id: "",
  name: "prod-core",
  environment: "PROD",
  agents: "",
  password: "",
  hasTls: false,
  ca: "",
  cert: "",
  key: "",
  twoPerson: false,
} as const;
const GOOD: TestStep = { id: "address", state: "ok", said: null, failure: null, params: {}, items: [] };

beforeEach(() => vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ steps: [] }))));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(locale: "en" | "zh") {
  const ran = vi.fn(() => Promise.resolve({ ok: true as const, value: [GOOD] }));
  render(
    <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
      <ClusterForm
        initial={EMPTY}
        isNew
        kept={{ password: false, tlsKey: false }}
        save={() => Promise.reject(new Error("not asked for"))}
        test={ran}
      />
    </NextIntlClientProvider>,
  );
  const { form, test: words } = MESSAGES[locale].clusters;
  const type = (value: string) => fireEvent.change(screen.getByLabelText(form.agents), { target: { value } });
  const press = (name: string) =>
    act(async () => {
      fireEvent.click(screen.getByRole("button", { name }));
      await Promise.resolve();
    });
  return { ran, type, press, form, words };
}

test.each(["en", "zh"] as const)("a result of other values is marked as one (%s)", async (locale) => {
  const { ran, type, press, words } = show(locale);
  type("10.0.0.11");
  await press(words.run);
  await waitFor(() => expect(screen.getByText(words.works)).toBeTruthy());
  type("10.0.0.12");
  expect(screen.queryByText(words.works)).toBeNull();
  expect(screen.getByText(words.old)).toBeTruthy();
  await press(words.again);
  await waitFor(() => expect(screen.getByText(words.works)).toBeTruthy());
  expect(ran).toHaveBeenCalledTimes(2);
});

test.each(["en", "zh"] as const)(
  "a wrong address blocks, is told why, and is not called missing (%s)",
  async (locale) => {
    const { ran, type, press, form, words } = show(locale);
    type("10.0.0.11 10.0.0.12:80 ob-host");
    const told = (text: string, list: string) => screen.getByText(text.replace("{list}", list), { exact: false });
    expect(told(form.agentsUnknown, "ob-host")).toBeTruthy();
    expect(told(form.agentsPort, "10.0.0.12:80")).toBeTruthy();
    expect(screen.getByText(form.agentsFirst)).toBeTruthy();
    expect(screen.queryByText(new RegExp(form.missing.replace("{what}", "")))).toBeNull();
    await press(words.run);
    expect(ran).not.toHaveBeenCalled();
  },
);
