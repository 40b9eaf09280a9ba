/** How far the zone is from UTC at an instant, in minutes. */
function offsetMinutes(zone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(atMs);
  const [, sign, hours, minutes] =
    /([+-])(\d\d):(\d\d)/.exec(parts.find(({ type }) => type === "timeZoneName")?.value ?? "") ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

/** `UTC+8`, `UTC-3:30`: the same in every language and on every runtime. */
export function offsetName(zone: string, atMs: number): string {
  const minutes = offsetMinutes(zone, atMs);
  if (minutes === 0) return "UTC";
  const apart = Math.abs(minutes);
  const rest = apart % 60;
  return `UTC${minutes < 0 ? "-" : "+"}${Math.floor(apart / 60)}${rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`}`;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The wall clock in a zone at an instant, as a field for date and time wants it: `2026-11-23T11:00`. */
export function wallClockIn(zone: string, instant: string): string {
  const ms = Date.parse(instant);
  return new Date(ms + offsetMinutes(zone, ms) * MINUTE_MS).toISOString().slice(0, 16);
}

/**
 * The instant at which the clocks of a zone show `wallClock`. An hour that comes twice is meant from its first to its last
 * minute: a span begins with the first of the two and ends with the second. One that is left out is the hour after it.
 */
export function instantOf(zone: string, wallClock: string, end: "from" | "to"): string {
  const local = Date.parse(`${wallClock}Z`);
  const candidates = [local - DAY_MS, local + DAY_MS].map((near) => local - offsetMinutes(zone, near) * MINUTE_MS);
  const real = candidates.filter((ms) => ms + offsetMinutes(zone, ms) * MINUTE_MS === local);
  const ms = real.length === 0 ? Math.max(...candidates) : end === "from" ? Math.min(...real) : Math.max(...real);
  return new Date(ms).toISOString();
}
