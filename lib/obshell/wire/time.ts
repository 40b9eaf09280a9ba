import { z } from "zod";

/**
 * A Go time as ISO 8601 in UTC. The zero time (year 1), the Unix epoch in any zone (which a DAG shows after RETRY,
 * ROLLBACK or CANCEL) and anything that is no time become null. Source: OBShell protocol §4.4, §6.1.
 */
export function readTime(value: unknown): string | null {
  const ms = typeof value === "string" ? Date.parse(value) : NaN;
  return ms > 0 ? new Date(ms).toISOString() : null;
}

/**
 * Whether a Go time was set: false for the zero time and the epoch, as an agent puts the NULL of the database; null when
 * there is no time at all.
 */
export function isTimeSet(value: unknown): boolean | null {
  const ms = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? null : ms > 0;
}

export const wireTime = z.unknown().optional().transform(readTime);
