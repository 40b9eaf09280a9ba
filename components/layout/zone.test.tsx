import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useClockTime } from "@/components/dag/use-clock-time";
import { MESSAGES } from "@/lib/i18n/messages";
import { NO_ZONE, readZone, ZONE_COOKIE } from "@/lib/i18n/zone";
import { Clock } from "./clock";
import { recall, remember } from "./remember";
import { ZoneProvider } from "./zone-provider";
import { ZoneSelect } from "./zone-select";

const AT = "2026-11-22T16:30:00Z";
const At = () => <p data-testid="at">{useClockTime()(AT)}</p>;

/** A page as the server sends it: in the zone of the cookie. */
const Page = ({ written = readZone(recall(ZONE_COOKIE))?.zone ?? NO_ZONE }: { written?: string }) => (
  <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone={written}>
    <ZoneProvider>
      <Clock />
      <ZoneSelect where="wide" />
      <At />
    </ZoneProvider>
  </NextIntlClientProvider>
);

const { resolvedOptions } = Intl.DateTimeFormat.prototype;
/** Where the browser says that it is. */
function moveTo(timeZone: string) {
  vi.spyOn(Intl.DateTimeFormat.prototype, "resolvedOptions").mockImplementation(function (this: Intl.DateTimeFormat) {
    return { ...resolvedOptions.call(this), timeZone };
  });
}
const shown = () => screen.getByTestId("at").textContent;
const select = () => screen.findByRole<HTMLSelectElement>("combobox", { name: "Time zone" });

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener: vi.fn(), removeEventListener: vi.fn() }));
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date(AT));
  remember(ZONE_COOKIE, "");
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("the clock of the shell and the times on the page are of one time zone", async () => {
  for (const [zone, offset] of Object.entries({
    UTC: ":00",
    "Asia/Shanghai": "GMT+8",
    "America/St_Johns": "GMT-3:30",
  })) {
    moveTo(zone);
    const { container } = render(<Page written="UTC" />);
    await waitFor(() => expect(container.querySelector("time")?.textContent).toContain(offset));
    expect(container.querySelector("time")?.textContent).toMatch(new RegExp(`^${shown()}`));
    cleanup();
  }
});

test("without a provider of zones the clock goes by the zone of the page, not by the browser's", async () => {
  moveTo("Asia/Shanghai");
  const { container } = render(
    <NextIntlClientProvider locale="en" messages={MESSAGES.en} timeZone="UTC">
      <Clock />
    </NextIntlClientProvider>,
  );
  await waitFor(() => expect(container.querySelector("time")?.textContent).toMatch(/^16:30:00/));
});

test("the first visit of a browser puts its zone into the cookie, and the page follows in place", async () => {
  moveTo("Asia/Shanghai");
  render(<Page />);
  await waitFor(() => expect(shown()).toBe("00:30:00")); // of the next day
  expect(recall(ZONE_COOKIE)).toBe("browser:Asia/Shanghai");
  expect((await select()).title).toBe("All times are in Asia/Shanghai, now UTC+8");
});

test.each(["Mars/Olympus", "browser:", "%00", "<img>", "+08:00"])(
  "a cookie that names no zone gives way to the browser's: %s",
  async (cookie) => {
    remember(ZONE_COOKIE, cookie);
    moveTo("Asia/Shanghai");
    render(<Page />);
    await waitFor(() => expect(shown()).toBe("00:30:00"));
    expect(recall(ZONE_COOKIE)).toBe("browser:Asia/Shanghai");
  },
);

test("a browser that can name no zone shows UTC and says so", async () => {
  moveTo("Etc/Unknown");
  render(<Page />);
  expect(shown()).toBe("16:30:00");
  expect((await select()).title).toContain("UTC");
});

test("a zone that was chosen stays when the browser is elsewhere; the browser's zone goes with it", async () => {
  moveTo("Asia/Shanghai");
  render(<Page />);
  fireEvent.change(await select(), { target: { value: "America/New_York" } });
  expect(shown()).toBe("11:30:00");
  expect(recall(ZONE_COOKIE)).toBe("America/New_York");
  moveTo("Europe/Berlin");
  fireEvent.focus(window);
  await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
  expect(shown()).toBe("11:30:00");
  fireEvent.change(await select(), { target: { value: "browser" } });
  expect(shown()).toBe("17:30:00");
  moveTo("Asia/Tokyo");
  fireEvent.focus(window);
  await waitFor(() => expect(shown()).toBe("01:30:00"));
  expect(recall(ZONE_COOKIE)).toBe("browser:Asia/Tokyo");
});

test("what the server wrote and what the browser makes of it is one text, for a zone of the cookie and without one", async () => {
  moveTo("Asia/Shanghai");
  for (const cookie of ["", "browser:Asia/Shanghai", "Europe/Berlin", "Mars/Olympus"]) {
    remember(ZONE_COOKIE, cookie);
    const root = document.body.appendChild(document.createElement("div"));
    root.innerHTML = renderToString(<Page />);
    const written = root.querySelector("[data-testid=at]")?.textContent;
    const problems: unknown[] = [];
    const page = hydrateRoot(root, <Page />, { onRecoverableError: (error) => problems.push(error) });
    await act(async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
    });
    expect(problems).toEqual([]);
    if (readZone(cookie)) expect(root.querySelector("[data-testid=at]")?.textContent).toBe(written);
    act(() => page.unmount());
    root.remove();
  }
});
