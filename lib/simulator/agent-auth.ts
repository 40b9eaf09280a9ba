import { createDecipheriv } from "node:crypto";
import { z } from "zod";
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
    return { kind, plain: asRecord(parsed), fields: headerSchema.parse(lowerKeys(parsed)) };
  } catch {
    throw unauthorized("Header.DecryptFailed", "Decrypt http header failed: crypto/rsa: decryption error");
  }
}

/** A header whose fields have other types than the agent's own is as good as one that cannot be opened. */
const text = z.string().nullish();
const headerSchema = z.looseObject({
  auth: text,
  ts: text,
  uri: text,
  token: text,
  session_id: text,
  ssotoken: text,
  sha256: text,
  keys: text.refine((keys) => keys === null || keys === undefined || isBase64(keys)),
  forwardtype: z.int().nullish(),
  forwardagent: z.looseObject({}).nullish(),
});

function isBase64(value: string): boolean {
  try {
    decodeBase64(value);
    return true;
  } catch {
    return false;
  }
}

/** AES-128-CBC under the header's own `Keys` = base64(key16 ‖ iv16); the text on the wire is base64 of the ciphertext. */
export function openBody(text: string, header: OpenedHeader): string {
  const { key, iv } = keysOf(header);
  const cipher = decodeOrPanic(text);
  if (cipher.length % AES_BLOCK !== 0)
    throw failed(
      "Request.Body.Decrypt.AES.ContentLength.Invalid",
      "Unauthorized: Decrypted string length is not a multiple of the block size",
    );
  const decipher = createDecipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(cipher), decipher.final()]);
  // The padding is cut off as it says of itself; what claims more than there is ends in a slice out of range.
  const padding = plain.at(-1) ?? Infinity;
  if (padding > plain.length) throw new Panic("slice bounds out of range");
  return plain.subarray(0, plain.length - padding).toString("utf8");
}

export function keysOf(header: OpenedHeader): { key: Buffer; iv: Buffer } {
  const { keys } = header.fields;
  const bytes = typeof keys === "string" ? Buffer.from(keys, "base64") : Buffer.alloc(0);
  if (bytes.length !== 2 * AES_BLOCK)
    throw failed("Request.Body.Decrypt.AES.KeyAndIv.Invalid", "Unauthorized: AES key and IV size error");
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
  request: {
    uri: string;
    receivedAt: number;
    /** It is about a task of another kind of agent, which has a password of its own. */
    isOtherKind: boolean;
  },
): void {
  if (!header)
    throw badRequest("Request.Header.NotFound", "X-OCS-Agent-Header or X-OCS-Header not found in http request header");
  const { fields } = header;
  if (fields.uri !== request.uri) throw unauthorized("Header.UriMismatch", "URI mismatch");
  if (request.isOtherKind) {
    const why = "this route only support agent password";
    throw unauthorized("WithAgentPassword", `Unauthorized: Should use agent_password to verify: ${why}`);
  }
  if (header.kind === "agent")
    throw unauthorized(
      "WithOceanBasePassword",
      "Unauthorized: Should use oceanbase_password to verify: agent password is not initialized",
    );
  if (typeof fields.session_id === "string" && fields.session_id !== "" && world.has("4.4.0.0"))
    return verifySession(agent, fields.session_id, () => verifyExpiry(fields.ts, request.receivedAt));
  const auth = typeof fields.auth === "string" ? fields.auth : "";
  if (auth !== "") verifyExpiry(fields.ts, request.receivedAt);
  if (auth !== passwordOf(world, agent))
    throw unauthorized("IncorrectOceanbasePassword", "Unauthorized: OceanBase password is incorrect");
}

/** `Ts` is the expiry in Unix seconds as decimal text; the very second still passes. */
function verifyExpiry(ts: unknown, receivedAt: number): void {
  if (typeof ts !== "string" || !/^[+-]?\d+$/.test(ts))
    throw unauthorized(
      "Timestamp.Invalid",
      `Unauthorized: Invalid timestamp: ${String(ts)}, err: strconv.ParseInt: invalid syntax`,
    );
  if (Math.floor(receivedAt / 1_000) > Number(ts))
    throw unauthorized("Expired", "Unauthorized: Authentication expired");
}

function verifySession(agent: Agent, id: string, verifyLifetime: () => void): void {
  const session = agent.sessions.get(id);
  if (!session) throw unauthorized("SessionInvalid", "Session is invalid");
  verifyLifetime();
  if (Date.now() - session.lastUsedAt > SESSION_LIFETIME_MS) {
    agent.sessions.delete(id);
    throw unauthorized("SessionExpired", "Session is expired");
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
