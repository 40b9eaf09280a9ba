import { cleanup, render } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import { useVerdict } from "./use-verdict";

afterEach(cleanup);

function Lost({ tenants }: { tenants: string[] }) {
  return useVerdict()({
    verdict: "lost",
    tenants,
    judged: 9,
    source: "estimate",
    why: null,
    doubts: [],
    setAside: [],
    guard: "database",
  });
}
const told = (locale: "en" | "zh", tenants: string[]) =>
  render(
    <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
      <Lost tenants={tenants} />
    </NextIntlClientProvider>,
  ).container.textContent;

test("up to four tenants are all named, in the way of the language", () => {
  expect(told("zh", ["sys", "pay", "orders", "crm"])).toBe("将失去多数派的租户：sys、pay、orders和crm");
  expect(told("en", ["sys", "pay", "orders", "crm"])).toContain("sys, pay, orders, and crm");
});

test("of more, the first three and how many else", () => {
  expect(told("zh", ["sys", "pay", "orders", "crm", "log"])).toBe("将失去多数派的租户：sys、pay、orders和另外 2 个");
  expect(told("en", ["sys", "pay", "orders", "crm", "log"])).toContain("sys, pay, orders, and 2 more");
});
