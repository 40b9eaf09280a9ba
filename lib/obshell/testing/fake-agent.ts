import "server-only";
import { constants, createDecipheriv, generateKeyPairSync, privateDecrypt, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Opens what the client seals, with node's cryptography instead of the client's own. For tests. */

export interface SealingKey {
  published: string;
  privateKey: KeyObject;
  bytes: number;
}

export function createSealingKey(bits: number): SealingKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  const published = publicKey.export({ format: "der", type: "pkcs1" }).toString("base64");
  return { published, privateKey, bytes: bits / 8 };
}

/** RSA without padding and the `00 02 … 00` taken off by hand, as Node 20 refuses PKCS#1 v1.5 here. Throws if it is not there. */
export function openHeader(sealed: string, { privateKey, bytes }: SealingKey): string {
  const cipher = Buffer.from(sealed, "base64");
  const blocks: Buffer[] = [];
  for (let at = 0; at < cipher.length; at += bytes) {
    const block = privateDecrypt(
      { key: privateKey, padding: constants.RSA_NO_PADDING },
      cipher.subarray(at, at + bytes),
    );
    const end = block.indexOf(0, 2);
    if (block[0] !== 0 || block[1] !== 2 || end < 10) throw new Error("not PKCS#1 v1.5");
    blocks.push(block.subarray(end + 1));
  }
  return Buffer.concat(blocks).toString("utf8");
}

export function openBody(sealed: string, keys: string): string {
  const bytes = Buffer.from(keys, "base64");
  const decipher = createDecipheriv("aes-128-cbc", bytes.subarray(0, 16), bytes.subarray(16, 32));
  return Buffer.concat([decipher.update(Buffer.from(sealed, "base64")), decipher.final()]).toString("utf8");
}

/** A server on loopback; `close` cuts what is still open. */
export async function listen(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server,
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

export interface ErrorShape {
  code?: number;
  errCode?: string;
  message: string;
}

export function succeed(response: ServerResponse, data: unknown): void {
  const envelope = { successful: true, timestamp: "", duration: 1, status: 200, traceId: "00000000000000aa", data };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(envelope));
}

export function refuseWith(response: ServerResponse, status: number, error: ErrorShape): void {
  const envelope = { successful: false, timestamp: "", duration: 1, status, traceId: "00000000000000bb", error };
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(envelope));
}

export interface Received {
  method: string;
  path: string;
  /** null for the open routes. */
  header: Record<string, unknown> | null;
  body: unknown;
}

export interface FakeAgentSettings {
  version: string;
  key: SealingKey;
  password: string;
  /** Agent clock minus real clock. */
  skewMs: number;
  /** Extra keys of `/info`. */
  info: Record<string, unknown>;
  /** Paths of open routes that never answer. */
  hanging: string[];
  /** Answers authenticated requests once they are accepted. */
  answer: (received: Received, response: ServerResponse) => void;
}

/** The agent's own error for a failed authentication, by version. */
function unauthorized(version: string, errCode: string): ErrorShape {
  if (version < "4.3.1.0") return { code: 10008, message: "unauthorized" };
  return { code: errCode.endsWith("DecryptFailed") ? undefined : 10008, errCode, message: errCode };
}

/** Just enough of an agent to prove what the client sends: open routes, and the checks in the agent's order. */
export async function startFakeAgent(settings: Partial<FakeAgentSettings> = {}) {
  const state: FakeAgentSettings = {
    version: "4.4.2.0-1",
    key: createSealingKey(512),
    password: "secret",
    skewMs: 0,
    info: {},
    hanging: [],
    answer: (_received, response) => succeed(response, null),
    ...settings,
  };
  const received: Received[] = [];
  const openRoutes: Record<string, () => unknown> = {
    "/api/v1/secret": () => ({ ip: "127.0.0.1", port: 2886, public_key: state.key.published }),
    "/api/v1/time": () => new Date(Date.now() + state.skewMs).toISOString(),
    "/api/v1/info": () => ({
      ip: "127.0.0.1",
      port: 2886,
      zone: "zone1",
      identity: "CLUSTER AGENT",
      version: state.version,
      ...state.info,
    }),
    "/api/v1/status": () => ({
      agent: { ip: "127.0.0.1", port: 2886, identity: "CLUSTER AGENT" },
      state: 2,
      version: state.version,
      obState: 3,
      underMaintenance: false,
      startAt: 1767225600123456789n.toString(),
    }),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const sealed = request.headers["x-ocs-header"];
    const open = openRoutes[path.split("?", 1)[0] ?? ""];
    if (open) {
      received.push({ method: request.method ?? "", path, header: null, body: null });
      return state.hanging.includes(path) ? undefined : succeed(response, open());
    }
    const text = await readAll(request);
    const reject = (errCode: string) => refuseWith(response, 401, unauthorized(state.version, errCode));
    const item: Received = { method: request.method ?? "", path, header: null, body: null };
    received.push(item);
    try {
      item.header = JSON.parse(openHeader(String(sealed), state.key)) as Record<string, unknown>;
    } catch {
      return reject("Security.Authentication.Header.DecryptFailed");
    }
    if (text !== "") item.body = JSON.parse(openBody(text, String(item.header.Keys)));
    if (item.header.Uri !== path) return reject("Security.Authentication.Header.UriMismatch");
    const nowSeconds = Math.floor((Date.now() + state.skewMs) / 1000);
    if (item.header.Auth !== "" && nowSeconds > Number(item.header.Ts))
      return reject("Security.Authentication.Expired");
    if (item.header.Auth !== state.password) return reject("Security.Authentication.IncorrectOceanbasePassword");
    state.answer(item, response);
  }

  const { address, close } = await listen((request, response) => void handle(request, response));
  const count = (path: string) => received.filter((item) => item.path.split("?", 1)[0] === path).length;
  return { state, received, count, address, close };
}

export type FakeAgent = Awaited<ReturnType<typeof startFakeAgent>>;
