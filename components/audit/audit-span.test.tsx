import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test, vi } from "vitest";
import { auditQuerySchema } from "@/lib/audit/schema";
import { MESSAGES } from "@/lib/i18n/messages";
import { AuditFilters } from "./audit-filters";

const { replace } = vi.hoisted(() => ({ replace: vi.fn<(address: string) => void>() }));
vi.mock("next/navigation", () => ({ useRouter: () => ({ replace }) }));

const Page = ({ zone, search = {} }: { zone: string; search?: Record<string, string> }) => (
  <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone={zone}>
    <AuditFilters base="/audit" query={auditQuerySchema.parse(search)} people={[]} clusters={[]} hasConsole />
  </NextIntlClientProvider>
);
const field = (name: string) => screen.getByLabelText<HTMLInputElement>(name);
const asked = () => {
  fireEvent.submit(screen.getByRole("form"));
  return Object.fromEntries(new URL(`http://x${replace.mock.lastCall?.[0] ?? ""}`).searchParams);
};

afterEach(() => {
  cleanup();
  replace.mockClear();
});

test("a span is typed by the clock of the page's zone, and a link with it means the same everywhere", () => {
  render(<Page zone="Asia/Shanghai" />);
  fireEvent.change(field("From"), { target: { value: "2026-11-23T00:00" } });
  fireEvent.change(field("To"), { target: { value: "2026-11-23T08:00" } });
  expect(asked()).toEqual({ from: "2026-11-22T16:00Z", to: "2026-11-23T00:00Z" });
});

test("a link's span is shown by the clock of the page's zone", () => {
  render(<Page zone="America/New_York" search={{ from: "2026-11-22T16:00Z" }} />);
  expect(field("From").value).toBe("2026-11-22T11:00");
});

test("when the zone is changed, what was typed and what was asked stay the same instants", () => {
  const search = { from: "2026-11-22T16:00Z" };
  const { rerender } = render(<Page zone="UTC" search={search} />);
  fireEvent.change(field("To"), { target: { value: "2026-11-22T20:00" } });
  rerender(<Page zone="Asia/Shanghai" search={search} />);
  expect([field("From").value, field("To").value]).toEqual(["2026-11-23T00:00", "2026-11-23T04:00"]);
  expect(asked()).toEqual({ from: "2026-11-22T16:00Z", to: "2026-11-22T20:00Z" });
});
