import { cleanup, fireEvent, render } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test, vi } from "vitest";
import { auditLineSchema, sendingAction, type AuditQuery } from "@/lib/audit/schema";
import { MESSAGES } from "@/lib/i18n/messages";
import { AuditFilters } from "./audit-filters";

const router = vi.hoisted(() => ({ replace: vi.fn() }));
vi.mock("next/navigation", () => ({ useRouter: () => router }));
afterEach(cleanup);

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

test("what is typed into the filter stays while the page is read anew, turned or told in another language, and counts", () => {
  const page = (query: AuditQuery, locale: "en" | "zh" = "en", people: string[] = []) => (
    <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
      <AuditFilters base="/audit" query={query} people={people} clusters={null} hasConsole={false} />
    </NextIntlClientProvider>
  );
  const { container, rerender } = render(page({}));
  const field = (name: string) =>
    container.querySelector<HTMLInputElement>(`[name=${name}]`) ?? expect.unreachable(`no ${name}`);
  fireEvent.change(field("person"), { target: { value: "li.w" } });
  fireEvent.change(field("from"), { target: { value: "2026-11-23T03:12" } });
  rerender(page({}, "en", ["li.wei"]));
  rerender(page({ before: 40 }));
  rerender(page({ before: 40 }, "zh"));
  expect(field("person").value).toBe("li.w");
  expect(field("from").value).toBe("2026-11-23T03:12");
  fireEvent.click(field("failed"));
  const [address] = router.replace.mock.lastCall as [string];
  const sent = new URL(address, "http://localhost").searchParams;
  expect(Object.fromEntries(sent)).toEqual({ person: "li.w", from: "2026-11-23T03:12Z", failed: "1" });
});
