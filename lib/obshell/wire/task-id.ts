import { formatAddress, ipv4FromNumber, ipv4ToNumber, ipv6FromNumber, ipv6ToNumber, parseAddress } from "../../address";

/**
 * Where a generic id leads. DAGs, nodes and sub tasks share one form: a prefix digit, for an agent's own store its
 * address in decimal, then the number in that store. Source: OBShell protocol §6.2.
 */
export type TaskId =
  | { owner: "cluster"; localId: string }
  | { owner: "agent"; address: string; localId: string }
  | { owner: "obproxy"; address: string; localId: string };

const DIGITS_V4 = 10;
const DIGITS_V6 = 39;
const DIGITS_PORT = 5;

/** null for anything that is no generic id. */
export function decodeTaskId(id: string): TaskId | null {
  if (!/^[1-5]\d+$/.test(id)) return null;
  if (id.startsWith("1")) return { owner: "cluster", localId: id.slice(1) };
  const isV4 = id.startsWith("2") || id.startsWith("4");
  const addressEnd = 1 + (isV4 ? DIGITS_V4 : DIGITS_V6);
  const localId = id.slice(addressEnd + DIGITS_PORT);
  const value = BigInt(id.slice(1, addressEnd));
  const port = Number(id.slice(addressEnd, addressEnd + DIGITS_PORT));
  if (localId === "" || value >= 1n << (isV4 ? 32n : 128n) || port > 65_535) return null;
  const address = formatAddress(isV4 ? ipv4FromNumber(value) : ipv6FromNumber(value), port);
  return { owner: id.startsWith("2") || id.startsWith("3") ? "agent" : "obproxy", address, localId };
}

/** The id of a task in an agent's own store; null when the address is not canonical. */
export function encodeTaskId(address: string, localId: string | number): string | null {
  const parsed = parseAddress(address);
  if (!parsed || parsed.port > 65_535) return null;
  const isV6 = parsed.ip.includes(":");
  const value = isV6 ? ipv6ToNumber(parsed.ip) : ipv4ToNumber(parsed.ip);
  if (value === null) return null;
  const number = value.toString().padStart(isV6 ? DIGITS_V6 : DIGITS_V4, "0");
  return `${isV6 ? 3 : 2}${number}${String(parsed.port).padStart(DIGITS_PORT, "0")}${localId}`;
}

/** The agent that stores this task: ask it first. null for cluster tasks and ids that cannot be read. */
export function taskOwner(id: string): string | null {
  const decoded = decodeTaskId(id);
  return decoded?.owner === "agent" ? decoded.address : null;
}
