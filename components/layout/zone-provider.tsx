"use client";

import { NextIntlClientProvider, useLocale, useTimeZone } from "next-intl";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import type { ZoneChoice } from "@/lib/i18n/zone";

export interface ZoneContextValue extends ZoneChoice {
  setChoice: (choice: ZoneChoice) => void;
}
const ZoneContext = createContext<ZoneContextValue | null>(null);

/**
 * One time zone for every time on the screen. The first paint is in the zone that the server wrote the page in, so that
 * both say the same; a browser that is in another one is followed from then on, in place (ux S-5, I-2).
 */
export function ZoneProvider({ children }: { children: ReactNode }) {
  const locale = useLocale();
  const zone = useTimeZone() ?? "UTC";
  const [choice, setChoice] = useState<ZoneChoice>({ zone, isBrowsers: true });
  useEffect(() => {
    const look = () =>
      import("./zone-cookie").then(
        ({ settleZone }) => setChoice((now) => settleZone(now)),
        () => undefined, // without the console everything stays as it was written
      );
    void look();
    window.addEventListener("focus", look); // another tab may have chosen, or the laptop travelled
    return () => window.removeEventListener("focus", look);
  }, []);
  const value = useMemo(() => ({ ...choice, setChoice }), [choice]);
  return (
    <ZoneContext value={value}>
      <NextIntlClientProvider locale={locale} timeZone={choice.zone}>
        {children}
      </NextIntlClientProvider>
    </ZoneContext>
  );
}

/** The zone of the screen and the way to another; null where no provider stands above. */
export const useZoneChoice = (): ZoneContextValue | null => useContext(ZoneContext);
