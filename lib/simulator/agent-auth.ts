import { createDecipheriv } from "node:crypto";
import { AgentError, badRequest, failed, unauthorized } from "./agent-error";
import type { Agent, World } from "./agent";
import { passwordOf } from "./peer-call";
import { decodeBase64, openSealed } from "./rsa-key";

export interface OpenedHeader {
  readonly kind: "database" | "agent";
  /** As the client wrote it. */
  readonly plain: Record<string, unknown>;
  /** With its keys in lower case: agents match them case-insensitively. */
  readonly fields: Record<string, unknown>;
}

/** A decoder that panics answers 500 with a body that was built when the agent started. */
export class Panic extends Error {}

const AES_BLOCK = 16;
const SESSION_LIFETIME_MS = 1_800_000;

/** Opens whichever header is there; the agent header wins, and agents before 4.2.6.0 do not know it. */
export async function openHeader(
  world: World,
  agent: Agent,
  headers: { database: string | undefined; agent: string | undefined },
): Promise<OpenedHeader | null> {
  const kind = headers.agent !== undefined && world.has("4.2.6.0") ? "agent" : "database";
  const sealed = headers[kind];
  if (sealed === undefined || sealed === "") return null;
  try {
    const parsed: unknown = JSON.parse(openSealed(sealed, await agent.key()).toString("utf8"));
    return { kind, plain: asRecord(parsed), fields: asRecord(lowerKeys(parsed)) };
  } catch {
    throw unauthorized("Header.DecryptFailed", "Unauthorized: header decrypt failed");
  }
}

/** AES-128-CBC under the header's own `Keys` = base64(key16 ‖ iv16); the text on the wire is base64 of the ciphertext. */
export function openBody(text: string, header: OpenedHeader): string {
  const { key, iv } = keysOf(header);
  const cipher = decodeOrPanic(text);
  if (cipher.length % AES_BLOCK !== 0)
    throw failed("Request.Body.Decrypt.AES.ContentLength.Invalid", "ciphertext is not a multiple of the block size");
  try {
    const decipher = createDecipheriv("aes-128-cbc", key, iv);
    return Buffer.concat([decipher.update(cipher), decipher.final()]).toString("utf8");
  } catch {
    throw badRequest("Common.BindJsonFailed", "invalid character '\\x00' looking for beginning of value");
  }
}

export function keysOf(header: OpenedHeader): { key: Buffer; iv: Buffer } {
  const { keys } = header.fields;
  const bytes = typeof keys === "string" ? Buffer.from(keys, "base64") : Buffer.alloc(0);
  if (bytes.length !== 2 * AES_BLOCK)
    throw failed("Request.Body.Decrypt.AES.KeyAndIv.Invalid", "the length of key and iv is invalid");
  return { key: bytes.subarray(0, AES_BLOCK), iv: bytes.subarray(AES_BLOCK) };
}

function decodeOrPanic(text: string): Buffer {
  try {
    return decodeBase64(text.trim());
  } catch {
    throw new Panic("body is not base64");
  }
}

/** Header present → Uri → Ts → password, in this order. Ts is not looked at when no password is given. */
export function verify(
  world: World,
  agent: Agent,
  header: OpenedHeader | null,
  request: { uri: string; receivedAt: number },
): void {
  if (!header) throw badRequest("Request.Header.NotFound", "request header not found");
  const { fields } = header;
  if (fields.uri !== request.uri) throw unauthorized("Header.UriMismatch", "Unauthorized: uri mismatch");
  if (header.kind === "agent")
    throw unauthorized("WithOceanBasePassword", "Unauthorized: please use the OceanBase password");
  if (typeof fields.session_id === "string" && fields.session_id !== "" && world.has("4.4.0.0"))
    return verifySession(agent, fields.session_id, () => verifyExpiry(fields.ts, request.receivedAt));
  const auth = typeof fields.auth === "string" ? fields.auth : "";
  if (auth !== "") verifyExpiry(fields.ts, request.receivedAt);
  if (auth !== passwordOf(world, agent))
    throw unauthorized("IncorrectOceanbasePassword", "Unauthorized: incorrect oceanbase password");
}

/** `Ts` is the expiry in Unix seconds as decimal text; the very second still passes. */
function verifyExpiry(ts: unknown, receivedAt: number): void {
  if (typeof ts !== "string" || !/^[+-]?\d+$/.test(ts))
    throw unauthorized("Timestamp.Invalid", "Unauthorized: invalid timestamp");
  if (Math.floor(receivedAt / 1_000) > Number(ts))
    throw unauthorized("Expired", "Unauthorized: authentication expired");
}

function verifySession(agent: Agent, id: string, verifyLifetime: () => void): void {
  const session = agent.sessions.get(id);
  if (!session) throw unauthorized("SessionInvalid", "Unauthorized: session is invalid");
  verifyLifetime();
  if (Date.now() - session.lastUsedAt > SESSION_LIFETIME_MS) {
    agent.sessions.delete(id);
    throw unauthorized("SessionExpired", "Unauthorized: session is expired");
  }
  session.lastUsedAt = Date.now();
}

/** Go matches JSON keys without regard to case. */
export function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toLowerCase(), lowerKeys(item)]));
}

export function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AgentError("Common.BindJsonFailed", 400, "json: cannot unmarshal into an object");
  return { ...value };
}
