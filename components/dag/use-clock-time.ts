"use client";

import { useFormatter } from "next-intl";
import { useCallback } from "react";
import { CLOCK, DAY_AND_MINUTE, DAY_AND_SECOND } from "@/components/ui/date-formats";

/** An instant as the clock on the wall says it. */
export function useClockTime(): (at: string | number | null) => string {
  const format = useFormatter();
  return useCallback((at) => (at === null ? "—" : format.dateTime(new Date(at), CLOCK)), [format]);
}

const HALF_A_DAY_MS = 12 * 3_600_000;

/** An instant of the past: the clock alone for what is of today, with its day for what is older. */
export function useMoment(): (at: string | null, nowMs: number) => string {
  const format = useFormatter();
  return useCallback(
    (at, nowMs) => {
      if (at === null) return "—";
      const isOld = nowMs - Date.parse(at) > HALF_A_DAY_MS;
      return format.dateTime(new Date(at), isOld ? DAY_AND_MINUTE : CLOCK);
    },
    [format],
  );
}

/** A day and its time, for things that may be old. */
export function useDateTime(): (at: string) => string {
  const format = useFormatter();
  return useCallback((at) => format.dateTime(new Date(at), DAY_AND_SECOND), [format]);
}
