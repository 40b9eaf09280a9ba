import { render } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { expect, test, vi } from "vitest";
import { auditLineSchema, sendingAction } from "@/lib/audit/schema";
import { MESSAGES } from "@/lib/i18n/messages";
import { AuditFilters } from "./audit-filters";

vi.mock("next/navigation", () => ({ useRouter: () => ({ replace: () => undefined }) }));

function offered(hasConsole: boolean, locale: "en" | "zh" = "en") {
  const { container } = render(
    <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
      <AuditFilters base="/audit" query={{}} people={[]} clusters={null} hasConsole={hasConsole} />
    </NextIntlClientProvider>,
  );
  const options = [...container.querySelectorAll("select[name=action] option")];
  return options.map((option) => ({ value: option.getAttribute("value") ?? "", word: option.textContent }));
}
const values = (hasConsole: boolean) => offered(hasConsole).flatMap(({ value }) => value || []);

test("every action that is sent to a cluster can be filtered for", () => {
  expect(sendingAction.options.filter((action) => !values(false).includes(action))).toEqual([]);
});

test("every action of the record can be filtered for once, and where the console's own are not shown they are not offered", () => {
  const all = values(true);
  expect([...all].sort()).toEqual([...auditLineSchema.shape.action.options].sort());
  const isOwn = (action: string) => /^(session|person|key|store)\./.test(action);
  expect(values(false)).toEqual(all.filter((action) => !isOwn(action)));
});

test.each(["en", "zh"] as const)("each has a word of its own in %s", (locale) => {
  const words = offered(true, locale).map(({ word }) => word);
  expect(new Set(words).size).toBe(words.length);
  expect(words.filter((word) => !word || word.includes("audit."))).toEqual([]);
});
