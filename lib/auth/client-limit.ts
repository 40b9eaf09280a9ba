import "server-only";
import { AppError } from "../errors";
import { singleton } from "../singleton";
import { clientOf } from "./record";

const WINDOW_MS = 60_000;
const MOST_IN_WINDOW = 60;
/** So many addresses are remembered at most. */
const MOST_CLIENTS = 20_000;
/** Whoever has one IPv6 address usually has all of its network of this many groups. */
const IPV6_GROUPS = 4;

/** Throws `too-many-tries` when this client asks too often, before anything is read, written or worked out for it. */
export function limitClient(headers: Headers, nowMs = Date.now()): void {
  const seen = singleton("auth.clients", () => ({ since: nowMs, counts: new Map<string, number>() }));
  if (nowMs - seen.since >= WINDOW_MS || seen.counts.size > MOST_CLIENTS) {
    seen.since = nowMs;
    seen.counts.clear();
  }
  const key = networkOf(clientOf(headers));
  const count = (seen.counts.get(key) ?? 0) + 1;
  seen.counts.set(key, count);
  if (count > MOST_IN_WINDOW) throw new AppError("too-many-tries");
}

function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter(Boolean);
  if (tail !== undefined) {
    const missing = 8 - groups.length - tail.split(":").filter(Boolean).length;
    groups.push(...Array.from({ length: missing }, () => "0"), ...tail.split(":").filter(Boolean));
  }
  return groups.slice(0, IPV6_GROUPS).join(":");
}
