import { addressOf } from "./address";
import { badRequest } from "./agent-error";

/** The agent that stores a task, and the task's number there. Prefix 1 means the database stores it. */
export interface TaskAddress {
  readonly owner: string | null;
  readonly localId: number;
}

const IPV4_DIGITS = 10;
const IPV6_DIGITS = 39;
const PORT_DIGITS = 5;

/**
 * `2` + IPv4 as ten decimal digits, or `3` + IPv6 as 39, + port as five + local id.
 * Source: OBShell agent source, engine/task ConvertLocalIDToGenericID.
 */
export function genericIdOf(ip: string, port: number, localId: number): string {
  const isV6 = ip.includes(":");
  const number = isV6 ? ipv6Number(ip) : ip.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const digits = String(number).padStart(isV6 ? IPV6_DIGITS : IPV4_DIGITS, "0");
  return `${isV6 ? 3 : 2}${digits}${String(port).padStart(PORT_DIGITS, "0")}${localId}`;
}

const GROUPS = 8;

function ipv6Number(ip: string): bigint {
  const [head = "", tail] = ip.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const between = Array.from({ length: GROUPS - before.length - after.length }, () => "0");
  return [...before, ...between, ...after].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** As Go writes it: lower case, the longest run of zero groups left out. A URL is written the same way. */
function ipv6Text(number: bigint): string {
  const groups = Array.from({ length: GROUPS }, (_item, at) =>
    ((number >> BigInt(16 * (GROUPS - 1 - at))) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

export function parseGenericId(id: string): TaskAddress {
  const invalid = badRequest("Task.GenericID.Invalid", `Invalid ID: ${id}`);
  if (!/^\d{2,}$/.test(id)) throw invalid;
  const rest = id.slice(1);
  if (id.startsWith("1")) return { owner: null, localId: Number(rest) };
  const isV6 = id.startsWith("3");
  const ipDigits = isV6 ? IPV6_DIGITS : IPV4_DIGITS;
  if (!/^[23]/.test(id) || rest.length <= ipDigits + PORT_DIGITS) throw invalid;
  const number = BigInt(rest.slice(0, ipDigits));
  const port = Number(rest.slice(ipDigits, ipDigits + PORT_DIGITS));
  const ip = isV6 ? ipv6Text(number) : [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join(".");
  return { owner: addressOf(ip, port), localId: Number(rest.slice(ipDigits + PORT_DIGITS)) };
}
