"use client";

import { useFormatter } from "next-intl";
import { useCallback } from "react";

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false } as const;

/** An instant as the clock on the wall says it. */
export function useClockTime(): (at: string | number | null) => string {
  const format = useFormatter();
  return useCallback((at) => (at === null ? "—" : format.dateTime(new Date(at), CLOCK)), [format]);
}

/** A day and its time, for things that may be old. */
export function useDateTime(): (at: string) => string {
  const format = useFormatter();
  return useCallback(
    (at) => format.dateTime(new Date(at), { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" }),
    [format],
  );
}
