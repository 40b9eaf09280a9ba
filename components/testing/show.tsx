import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, type RenderResult } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { vi } from "vitest";
import type { Topology } from "@/lib/clusters/schema";
import { MESSAGES } from "@/lib/i18n/messages";

export const LOCALES = ["en", "zh"] as const;

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
