"use client";

import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { CLOCK } from "@/components/ui/date-formats";
import { useNow } from "./freshness";

/** The time now in the zone of the page, with how far that is from UTC, which is told on hover and focus (ux S-5). */
export function Clock() {
  const t = useTranslations("common.shell");
  const format = useFormatter();
  const zone = useTimeZone();
  const now = useNow();
  if (now === 0) return <span className="inline-block w-28" />;
  return (
    <time
      dateTime={new Date(now).toISOString()}
      tabIndex={0}
      title={t("clockUtc", { time: format.dateTime(now, { ...CLOCK, timeZone: "UTC" }) })}
      className="rounded-[3px] text-sm whitespace-nowrap text-ink-2 tabular-nums"
    >
      {format.dateTime(now, { ...CLOCK, timeZoneName: zone === "UTC" ? undefined : "short" })}
    </time>
  );
}
