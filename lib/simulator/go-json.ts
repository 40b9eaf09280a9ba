/** Writes JSON and times the way a Go program does. */
const ZONE_OFFSET_MINUTES = 480;
const ZONE_TEXT = "+08:00";

/** Go's zero time, which stands for "not set". */
export const ZERO_TIME = "0001-01-01T00:00:00Z";

/** RFC3339Nano in the agents' zone: trailing zeros of the fraction are cut, as Go does. 0 is the Unix epoch. */
export function goTime(unixMs: number): string {
  const local = new Date(unixMs + ZONE_OFFSET_MINUTES * 60_000).toISOString();
  const nanos = unixMs === 0 ? "000000000" : `${local.slice(20, 23)}${subMillisecond(unixMs)}`;
  const fraction = nanos.replace(/0+$/, "");
  return `${local.slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}${ZONE_TEXT}`;
}

/** Agents record nanoseconds; the digits below a millisecond are made up, but always the same for one instant. */
const subMillisecond = (unixMs: number): string => String((Math.floor(unixMs) * 7919) % 1_000_000).padStart(6, "0");

/** Unix nanoseconds are larger than a JavaScript number holds exactly, so they travel as bigint. */
export const unixNanos = (unixMs: number): bigint => BigInt(Math.floor(unixMs)) * 1_000_000n + 123_457n;

const BIG_MARK = "\u0001";

/** JSON with bigints as plain integers, which JSON.stringify refuses. */
export function toJson(value: unknown): string {
  let hasBig = false;
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== "bigint") return item;
    hasBig = true;
    return `${BIG_MARK}${item}`;
  });
  return hasBig ? text.replace(/"\\u0001(-?\d+)"/g, "$1") : text;
}
