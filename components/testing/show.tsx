import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, type RenderResult } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { afterEach, beforeEach, vi } from "vitest";
import type { Topology } from "@/lib/clusters/schema";
import { MESSAGES } from "@/lib/i18n/messages";

export const LOCALES = ["en", "zh"] as const;

export const at = (time: string) => `2026-11-23T${time}Z`;

/** For every test of a file: it is 03:20 of that day, and nothing stays for the next one. */
export function atTwentyPastThree(): void {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date(at("03:20:00")) }));
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

/** A page as a person sees it, in a browser that hears of this cluster and of nothing else. */
export function show(page: ReactNode, { locale = "en" as "en" | "zh", topology = null as Topology | null } = {}) {
  vi.stubGlobal("fetch", (path: string, { signal }: RequestInit = {}) =>
    topology !== null && path.includes("/topology")
      ? Promise.resolve(Response.json({ unchanged: false, topology }))
      : untilGivenUp(signal),
  );
  vi.stubGlobal("ResizeObserver", NoResizeObserver);
  vi.stubGlobal("CSS", { escape: (text: string) => text.replaceAll(/[^\w-]/g, "\\$&") });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: "always" } } });
  const shown: RenderResult = render(
    <QueryClientProvider client={client}>
      <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
        {page}
      </NextIntlClientProvider>
    </QueryClientProvider>,
  );
  return shown;
}

/** An answer that does not come, and holds no connection once nobody waits for it. */
const untilGivenUp = (signal: AbortSignal | null | undefined) =>
  new Promise((_resolve, reject) => {
    const giveUp = () => reject(new Error("given up"));
    if (signal?.aborted) giveUp();
    else signal?.addEventListener("abort", giveUp);
  });

/** jsdom lays nothing out, so nothing is ever resized. */
class NoResizeObserver {
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
}
