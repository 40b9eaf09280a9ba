/** Where agents listen unless they are told otherwise. */
const DEFAULT_PORT = 2886;

/** Ports that an agent can have (protocol §5.1); 0 is how an agent says that a server has none. */
export const isAgentPort = (port: number): boolean => Number.isInteger(port) && port >= 1025 && port <= 65_535;

/** Canonical `ip:port`, IPv6 as `[addr]:port`: the only form that every part of an agent compares equal. */
export const formatAddress = (ip: string, port: number): string =>
  ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/;

/** The parts of a canonical address; null for anything else. */
export function parseAddress(address: string): { ip: string; port: number } | null {
  const found = ADDRESS.exec(address);
  const ip = found?.[1] ?? found?.[2];
  return ip === undefined ? null : { ip, port: Number(found?.[3]) };
}

export const ipv4FromNumber = (value: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join(".");

/** null for anything that is not four decimal numbers; one with a leading zero may be octal, and is none either. */
export function ipv4ToNumber(ip: string): bigint | null {
  const parts = ip.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** RFC 5952: the longest run of zero groups, if longer than one, is left out. As Go prints it. */
export function ipv6FromNumber(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, at) => Number((value >> BigInt(16 * (7 - at))) & 0xffffn));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at += 1) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length += 1;
    if (length > best.length) best = { at, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.at < 0) return hex.join(":");
  return `${hex.slice(0, best.at).join(":")}::${hex.slice(best.at + best.length).join(":")}`;
}

/** null for anything else, also for one with a zone id: that means something on one host alone, and no agent has one. */
export function ipv6ToNumber(text: string): bigint | null {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? ipv4ToNumber(dotted[2] ?? "") : null;
  if (dotted && tail === null) return null;
  const ip = tail === null ? text : `${dotted?.[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const halves = ip.split("::");
  if (halves.length > 2) return null;
  const [head = [], end = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - end.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => "0"), ...end];
  if (groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

const MAPPED = 0xffffn;

/** The one writing of an IP, as Go has it: an IPv4 address in an IPv6 one is that IPv4 address. null for what is none. */
export function canonicalIp(text: string): string | null {
  if (!text.includes(":")) return ipv4ToNumber(text) === null ? null : text;
  const value = ipv6ToNumber(text);
  if (value === null) return null;
  return value >> 32n === MAPPED ? ipv4FromNumber(value & 0xffff_ffffn) : ipv6FromNumber(value);
}

/** The one writing of an address; what is none stays as it is, for somebody may be known by it. */
export function canonicalAddress(address: string): string {
  const parts = parseAddress(address);
  const ip = parts && canonicalIp(parts.ip);
  return parts && ip ? formatAddress(ip, parts.port) : address;
}

/** `port`: it is an address, and no agent can listen at its port. */
export type ReadAddress = { address: string; problem: null } | { address: null; problem: "unreadable" | "port" };
const PROBLEM = (problem: "unreadable" | "port"): ReadAddress => ({ address: null, problem });

const TYPED = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::(\d+))?$/;

/**
 * An agent's address as people write it, in the one form that the rest of the console knows: with or without the port,
 * as a link, IPv6 with or without brackets and however it is written, also in the full width of an input method. What the
 * form takes, the server side and the configuration file take, and the other way round.
 */
export function readAgentAddress(text: string): ReadAddress {
  const word = text
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "") // comes along with what is copied, and no eye sees it
    .trim()
    .replace(/^https?:\/\//i, "")
    .replace(/\/+$/, "");
  // An IPv6 address that is written without brackets has no port: more than one colon says so.
  const found = TYPED.exec(/^[0-9a-fA-F]*:[0-9a-fA-F.:]*:[0-9a-fA-F.:]*$/.test(word) ? `[${word}]` : word);
  const ip = found && canonicalIp(found[1] ?? found[2] ?? "");
  if (!ip || (found[1] !== undefined && !found[1].includes(":"))) return PROBLEM("unreadable");
  const port = Number(found[3] ?? DEFAULT_PORT);
  return isAgentPort(port) ? { address: formatAddress(ip, port), problem: null } : PROBLEM("port");
}
