"use client";

import { useFormatter, useTranslations } from "next-intl";
import { CLOCK } from "@/components/ui/date-formats";
import { useNow } from "./freshness";

/** Local time with its zone; UTC on hover and focus (ux S-5). */
export function Clock() {
  const t = useTranslations("common.shell");
  const format = useFormatter();
  const now = useNow();
  if (now === 0) return <span className="inline-block w-28" />;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <time
      dateTime={new Date(now).toISOString()}
      tabIndex={0}
      title={t("clockUtc", { time: format.dateTime(now, { ...CLOCK, timeZone: "UTC" }) })}
      className="rounded-[3px] text-sm whitespace-nowrap text-ink-2"
      suppressHydrationWarning
    >
      {format.dateTime(now, { ...CLOCK, timeZone: here, timeZoneName: "short" })}
    </time>
  );
}
