import { badRequest } from "./agent-error";

/** The agent that stores a task, and the task's number there. Prefix 1 means the database stores it. */
export interface TaskAddress {
  readonly owner: string | null;
  readonly localId: number;
}

const IPV4_DIGITS = 10;
const PORT_DIGITS = 5;

/** `2` + IPv4 as ten decimal digits + port as five + local id. Source: OBShell agent source, engine/task ConvertLocalIDToGenericID. */
export function genericIdOf(ip: string, port: number, localId: number): string {
  const number = ip.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return `2${String(number).padStart(IPV4_DIGITS, "0")}${String(port).padStart(PORT_DIGITS, "0")}${localId}`;
}

export function parseGenericId(id: string): TaskAddress {
  const invalid = badRequest("Task.GenericID.Invalid", `invalid generic id: ${id}`);
  if (!/^\d{2,}$/.test(id)) throw invalid;
  const rest = id.slice(1);
  if (id.startsWith("1")) return { owner: null, localId: Number(rest) };
  if (!id.startsWith("2") || rest.length <= IPV4_DIGITS + PORT_DIGITS) throw invalid;
  const number = Number(rest.slice(0, IPV4_DIGITS));
  const port = Number(rest.slice(IPV4_DIGITS, IPV4_DIGITS + PORT_DIGITS));
  const ip = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
  return { owner: `${ip}:${port}`, localId: Number(rest.slice(IPV4_DIGITS + PORT_DIGITS)) };
}
