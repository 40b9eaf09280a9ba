"use client";

import { useFormatter } from "next-intl";
import { useCallback } from "react";
import { CLOCK, CLOCK_MINUTE, DAY_AND_MINUTE, DAY_AND_SECOND, type SHORT_DAY_AND_MINUTE } from "./date-formats";

type Formatter = ReturnType<typeof useFormatter>;
type Format = (typeof FORMATS)[keyof typeof FORMATS][number] | typeof SHORT_DAY_AND_MINUTE;
type Instant = string | number;

/** A time of day, with its day where that is not the one that goes without saying. */
export function tellMoment(format: Formatter, at: Instant, day: Instant, time: Format, withDay: Format): string {
  const dayOf = (instant: Instant) => format.dateTime(new Date(instant), { dateStyle: "short" });
  return format.dateTime(new Date(at), dayOf(at) === dayOf(day) ? time : withDay);
}

const FORMATS = { second: [CLOCK, DAY_AND_SECOND], minute: [CLOCK_MINUTE, DAY_AND_MINUTE] } as const;

/** An instant by the clock of the page: what is not of today, or of the day that is spoken of, says its day. */
export function useMoment(to: keyof typeof FORMATS = "second"): (at: Instant | null, day?: Instant) => string {
  const format = useFormatter();
  const [time, withDay] = FORMATS[to];
  return useCallback(
    (at, day = Date.now()) => (at === null ? "—" : tellMoment(format, at, day, time, withDay)),
    [format, time, withDay],
  );
}
