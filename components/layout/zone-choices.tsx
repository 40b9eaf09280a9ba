"use client";

import { useTranslations } from "next-intl";
import { memo, useCallback, useState, useSyncExternalStore } from "react";
import { offsetName } from "@/lib/i18n/wall-clock";
import { useNow } from "./freshness";
import { browserZone, keepZone } from "./zone-cookie";
import type { ZoneContextValue } from "./zone-provider";

const BROWSERS = "browser";
const MEDIA = { wide: "(width >= 40rem)", narrow: "(width < 40rem)" } as const;

/** The choice itself, over the name that is chosen. It comes after the page: nobody waits for four hundred zones. */
export function ZoneChoices({ where, zone, isBrowsers, setChoice }: { where: keyof typeof MEDIA } & ZoneContextValue) {
  const t = useTranslations("common.shell");
  const [openedMs] = useState(() => Date.now());
  const now = useNow(60_000);
  const media = MEDIA[where];
  // Of the two on a page only the one that is shown.
  const isShown = useSyncExternalStore(
    useCallback((tell) => watch(media, tell), [media]),
    () => window.matchMedia(media).matches,
    () => false,
  );
  if (!isShown) return null;
  return (
    <select
      aria-label={t("zone")}
      title={t("zoneSays", { zone, offset: offsetName(zone, now || openedMs) })}
      value={isBrowsers ? BROWSERS : zone}
      onChange={(event) => setChoice(keepZone(event.target.value === BROWSERS ? null : event.target.value))}
      className="absolute -inset-px cursor-pointer opacity-0"
    >
      <option value={BROWSERS}>{t("zoneBrowser", { zone: browserZone() })}</option>
      <Zones chosen={isBrowsers ? null : zone} />
    </select>
  );
}

function watch(media: string, tell: () => void): () => void {
  const query = window.matchMedia(media);
  query.addEventListener("change", tell);
  return () => query.removeEventListener("change", tell);
}

/** UTC first; one that is chosen stays to be chosen, whether or not this browser lists it. */
const Zones = memo(function Zones({ chosen }: { chosen: string | null }) {
  const zones = new Set(["UTC", ...(chosen === null ? [] : [chosen]), ...Intl.supportedValuesOf("timeZone")]);
  return [...zones].map((zone) => (
    <option key={zone} value={zone} translate="no">
      {zone}
    </option>
  ));
});
