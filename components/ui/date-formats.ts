/*
 * Every way in which a time of day is shown. `h23` and never `hour12: false`, which calls midnight 24:00 on some runtimes,
 * so that server and browser would differ.
 */

/** The clock on the wall, to the second. */
export const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
/** The same to the minute, for what is of today. */
export const CLOCK_MINUTE = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
/** For what may be some days old, where there is little room. */
export const SHORT_DAY_AND_MINUTE = { month: "short", day: "numeric", ...CLOCK_MINUTE } as const;
/** A day and its time to the minute, for what may be some days old. */
export const DAY_AND_MINUTE = { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" } as const;
/** A day and its time to the second, for the record. */
export const DAY_AND_SECOND = { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" } as const;
/** The same with its time zone. */
export const DAY_SECOND_AND_ZONE = { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" } as const;
