import "server-only";
import { Agent, buildConnector, Client, type Dispatcher } from "undici";
import { AppError } from "../errors";
import { createLanes } from "../lanes";
import { orAborted, withDeadline, type Deadline } from "./deadline";
import { asAppError, isReset, type Progress } from "./transport-errors";
import type { RawAnswer } from "./wire/envelope";

const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 30_000;
/** Reads of one agent at a time, whoever asks: what hangs at an agent must not pile up there. */
const READS_PER_AGENT = 4;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

export interface TransportOptions {
  /** PEM texts. With them the agents are spoken to over TLS, as 4.4.2.0 and later can; null or absent: plain HTTP. */
  tls?: { ca: string; cert?: string | undefined; key?: string | undefined } | null;
  maxAnswerBytes?: number;
  connectTimeoutMs?: number;
}

export interface AgentRequest {
  /** Canonical agent address. */
  address: string;
  method: "GET" | "POST";
  /** Path and query, sent byte for byte as it is. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** The way to the agents of one cluster. Answers of any HTTP status are answers; only failed exchanges throw. */
export interface Transport {
  /** Asked again once when the connection is reset, because an idle connection may close just as it is used. */
  read(request: AgentRequest, deadline: Deadline): Promise<RawAnswer>;
  /**
   * Sent once. Errors carry `sent`: "no" when no connection was made, else "maybe". `prove` is asked in between, and keeps
   * it from being sent by throwing.
   */
  write(request: AgentRequest, deadline: Deadline, prove?: Proof): Promise<RawAnswer>;
  close(): Promise<void>;
}

type Proof = (() => Promise<void>) | undefined;

export function createTransport(options: TransportOptions = {}): Transport {
  const { tls, maxAnswerBytes = MAX_ANSWER_BYTES, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const connect = { timeout: connectTimeoutMs, ...(tls ? { ca: tls.ca, cert: tls.cert, key: tls.key } : {}) };
  // The deadline covers the whole exchange, to the millisecond; undici's own timers are coarse and cover parts.
  const timers = { headersTimeout: 0, bodyTimeout: 0 };
  const agent = new Agent({ ...timers, connect, connections: READS_PER_AGENT, keepAliveTimeout: KEEP_ALIVE_MS });
  const originOf = (address: string) => `${tls ? "https" : "http"}://${address}`;

  async function exchange(
    dispatcher: Dispatcher,
    { address, method, path, headers = {}, body }: AgentRequest,
    progress: Progress,
    settings: { signal: AbortSignal; reset: boolean },
  ): Promise<RawAnswer> {
    const answer = await dispatcher.request({
      origin: originOf(address),
      method,
      path,
      headers,
      body: body ?? null,
      ...settings,
    });
    progress.connected = true;
    progress.answered = true;
    return { status: answer.statusCode, text: await readText(answer.body, address, maxAnswerBytes) };
  }

  const lanes = new Map<string, ReturnType<typeof createLanes>>();
  function lanesOf(address: string) {
    const known = lanes.get(address);
    if (known) return known;
    const made = createLanes(READS_PER_AGENT);
    lanes.set(address, made);
    return made;
  }

  async function readOnce(request: AgentRequest, signal: AbortSignal): Promise<RawAnswer> {
    const progress = { connected: false, answered: false };
    try {
      const ask = () => orAborted(signal, exchange(agent, request, progress, { signal, reset: false }));
      return await lanesOf(request.address)(ask, signal);
    } catch (cause) {
      throw asAppError(cause, { address: request.address, write: false, progress, signal });
    }
  }

  /**
   * Every write has a client of its own, whose connector connects once. So no idle connection can close under it, it
   * is known for certain whether there was a connection at all, and nothing in the library can send it a second time.
   * Destroying the client at the end, before anything else can happen, keeps a late connection from sending it.
   */
  async function writeOnce(request: AgentRequest, signal: AbortSignal, prove: Proof): Promise<RawAnswer> {
    const { address } = request;
    const progress = { connected: false, answered: false };
    if (signal.aborted) throw asAppError(signal.reason, { address, write: true, progress, signal });
    const client = new Client(originOf(address), { ...timers, connect: connectOnce(buildConnector(connect), prove) });
    client.once("connect", () => (progress.connected = true));
    try {
      return await orAborted(signal, exchange(client, request, progress, { signal, reset: true }));
    } catch (cause) {
      throw asAppError(cause, { address, write: true, progress, signal });
    } finally {
      client.destroy().catch(() => undefined);
    }
  }

  return {
    read: (request, deadline) =>
      withDeadline(deadline, (signal) =>
        readOnce(request, signal).catch((error: unknown) => {
          if (signal.aborted || !isReset(error)) throw error;
          return readOnce(request, signal);
        }),
      ),
    write: (request, deadline, prove) => withDeadline(deadline, (signal) => writeOnce(request, signal, prove)),
    close: () => agent.destroy(),
  };
}

function connectOnce(connect: buildConnector.connector, prove: Proof): buildConnector.connector {
  let used = false;
  return (options, callback) => {
    if (used) return callback(new Error("a write has one connection and no second"), null);
    used = true;
    return connect(options, (...connected) => {
      const [failure, socket] = connected;
      if (failure || !prove) return callback(...connected);
      prove().then(
        () => callback(null, socket),
        (refusal: unknown) => {
          socket.destroy();
          callback(refusal instanceof Error ? refusal : new Error(String(refusal)), null);
        },
      );
    });
  };
}

/** Reads at most `maxBytes`; leaving the loop early destroys the connection. */
async function readText(body: Dispatcher.ResponseData["body"], address: string, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new AppError("answer-too-large", { params: { address, maxBytes } });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
