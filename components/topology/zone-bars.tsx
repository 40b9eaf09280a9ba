"use client";

import { useTranslations } from "next-intl";
import type { ZoneShare } from "@/lib/lifecycle/schema";

/** Per zone "n of m", drawn: solid for what would stop, hatched for what is already down, empty for what stays. */
export function ZoneBars({ zones }: { zones: readonly ZoneShare[] }) {
  const t = useTranslations("topology.impact");
  return (
    <ul
      aria-label={t("zones")}
      className="grid max-h-48 grid-cols-[auto_1fr_auto] gap-x-3 gap-y-1 overflow-y-auto text-sm"
    >
      {zones.map(({ zone, stopping, down, total }) => {
        const share = (n: number) => `${(100 * n) / Math.max(1, total)}%`;
        return (
          <li key={zone} className="col-span-3 grid grid-cols-subgrid items-center">
            <span className="sr-only">{t("zoneSpeech", { zone, n: stopping, total, down })}</span>
            <span aria-hidden="true" translate="no" className={stopping > 0 ? "font-semibold" : "text-ink-2"}>
              {zone}
            </span>
            <span aria-hidden="true" className="flex h-2.5 border border-line-strong bg-panel">
              <span style={{ width: share(stopping) }} className="bg-ink" />
              <span style={{ width: share(Math.min(down, total - stopping)) }} className="hatch bg-sunken" />
            </span>
            <span aria-hidden="true" className={`text-right ${stopping > 0 ? "font-semibold" : "text-ink-2"}`}>
              {t("zoneShare", { n: stopping, total })}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
