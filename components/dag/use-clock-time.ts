"use client";

import { useFormatter } from "next-intl";
import { useCallback } from "react";
import { CLOCK, DAY_AND_SECOND } from "@/components/ui/date-formats";

/** An instant as the clock on the wall says it. */
export function useClockTime(): (at: string | number | null) => string {
  const format = useFormatter();
  return useCallback((at) => (at === null ? "—" : format.dateTime(new Date(at), CLOCK)), [format]);
}

/** A day and its time, for things that may be old. */
export function useDateTime(): (at: string) => string {
  const format = useFormatter();
  return useCallback((at) => format.dateTime(new Date(at), DAY_AND_SECOND), [format]);
}
