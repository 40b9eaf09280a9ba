import "server-only";
import { BlockList, isIP } from "node:net";
import { canonicalIp } from "../address";
import { singleton } from "../singleton";

/** Tells the door that this request was settled here, not made up before we listened. */
export const ARRIVAL_HEADER = "x-standdown-arrival";
/** Set by us alone on every request, whatever the sender wrote: where it comes from, and how it got here. */
export const CLIENT_HEADER = "x-standdown-client";
export const SECURE_HEADER = "x-standdown-secure";
export const PATH_HEADER = "x-standdown-path";

const FORWARDED = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
];

/** Known to this process alone. */
export const arrivalMark = (): string => singleton("gate.arrival-mark", () => crypto.randomUUID());

interface Arrival {
  headers: Record<string, string | string[] | undefined>;
  url?: string;
  remoteAddress: string | undefined;
}

/** Addresses and CIDR ranges, as the configuration has checked them. */
export function proxyList(proxies: readonly string[]): BlockList {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = "", prefix] = proxy.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

const plain = (address: string): string => canonicalIp(address.trim()) ?? address.trim();
const isListed = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
const first = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value.join(",") : (value ?? "")).split(",")[0]?.trim() ?? "";

/**
 * Settles who asks before anything reads the request. What a proxy tells about the sender is believed only from a
 * trusted proxy; everybody else's forwarding headers are dropped. Behind trusted proxies the client is the last address
 * that is not one of them, so that nobody can write themselves another one.
 */
export function settleArrival({ headers, url, remoteAddress }: Arrival, trusted: BlockList, mark: string): void {
  const peer = plain(remoteAddress ?? "");
  const isTrusted = isListed(trusted, peer);
  const chain = String(headers["x-forwarded-for"] ?? "")
    .split(",")
    .map(plain)
    .filter(Boolean);
  const client = isTrusted ? (chain.findLast((address) => !isListed(trusted, address)) ?? peer) : peer;
  const isSecure = isTrusted && first(headers["x-forwarded-proto"]) === "https";
  const host = isTrusted ? first(headers["x-forwarded-host"]) : "";
  for (const name of FORWARDED) delete headers[name];
  if (host !== "") headers.host = host;
  headers[ARRIVAL_HEADER] = mark;
  headers[CLIENT_HEADER] = client;
  headers[SECURE_HEADER] = isSecure ? "1" : "0";
  headers[PATH_HEADER] = url ?? "/";
}
