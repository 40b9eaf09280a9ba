/** A day and its time to the minute, for what may be some days old. */
export const DAY_AND_MINUTE = { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" } as const;
