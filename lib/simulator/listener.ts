import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { Agent, World } from "./agent";
import { answer, type Answered } from "./answer";
import { toJson } from "./go-json";
import type { RequestLog, SeenRequest } from "./request-log";
import { isApiPath, isWrite, withoutSlash } from "./router";
import { isSilent } from "./silence";

export interface ListenerContext {
  readonly world: World;
  readonly log: RequestLog<SeenRequest>;
}

export interface Listener {
  readonly port: number;
  /** Ends every open connection, as a dying process does. */
  cutConnections(): void;
  close(): Promise<void>;
}

const LARGEST_HEADER_BYTES = 1_048_576;

const HIGHEST_PORT = 65_535;

/** A port that cannot be had; the message names it and says why. */
export class PortRefused extends Error {}

function refusal(ip: string, port: number, error: NodeJS.ErrnoException): PortRefused {
  const why = error.code === "EADDRINUSE" ? "is already in use" : `cannot be used (${error.message})`;
  return new PortRefused(`Port ${port} on ${ip} ${why}.`, { cause: error });
}

/** Opens one agent's port. Who listens there is asked at each request, since the port decides the agent's address. */
export async function listen(
  { ip, port }: { ip: string; port: number },
  agentAt: () => { context: ListenerContext; agent: Agent },
): Promise<Listener> {
  if (port > HIGHEST_PORT) throw new PortRefused(`There is no port ${port}: the highest is ${HIGHEST_PORT}.`);
  const server: Server = createServer({ maxHeaderSize: LARGEST_HEADER_BYTES }, (request, response) => {
    const { context, agent } = agentAt();
    serve(context, agent, request, response).catch((error: unknown) => {
      response.destroy();
      // A caller that hung up is no news; anything else is a mistake of the simulator's own.
      if (request.complete) process.stderr.write(`simulator: ${error instanceof Error ? error.stack : error}\n`);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket) => {
    const { context, agent } = agentAt();
    if (context.world.faults.has(agent.address, "agent-down")) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(refusal(ip, port, error)));
    server.listen(port, ip, resolve);
  });
  return {
    port: portOf(server),
    cutConnections: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the listener has no port");
  return address.port;
};

async function serve(
  { world, log }: ListenerContext,
  agent: Agent,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { faults } = world;
  const receivedAt = agent.now();
  const body = await readBody(request);
  const target = request.url ?? "/";
  const method = request.method ?? "GET";
  if (faults.has(agent.address, "agent-down")) return void response.destroy();
  const headers = { database: one(request, "x-ocs-header"), agent: one(request, "x-ocs-agent-header") };
  const seen: SeenRequest = { agent: agent.address, at: Date.now(), method, path: target, ...UNREAD };
  const note = (): void => void (headers.database && log.add(seen));
  if (isSilent(faults, agent.address)) return note();
  if (isWrite(world, method, target) && faults.take(agent.address, "lose-request")) {
    note();
    return void response.destroy();
  }
  if (faults.has(agent.address, "garbage")) return sendHtml(response, 200);
  if (!isApiPath(target)) return sendHtml(response, world.has("4.3.0.0") ? 200 : 404);

  const elsewhere = withoutSlash(world, method, target);
  if (elsewhere !== null) return redirect(response, method === "GET" ? 301 : 307, elsewhere);
  const traceId = one(request, "x-obshell-trace-id");
  const language = one(request, "accept-language");
  const raw = { method, target, headers, traceId, language, body, receivedAt };
  let isNoted = false;
  const answered = await answer(world, agent, raw, (read) => {
    isNoted = true;
    log.add(Object.assign(seen, read));
  });
  const { header, body: read, reply } = answered;
  const runId = answered.isWrite && reply.status < 400 ? idIn(reply.body) : null;
  Object.assign(seen, { body: read, header: header?.plain ?? null, outcome: reply.status, runId });
  if (!isNoted && reply.status >= 400) log.add(seen);
  await send(world, agent, answered, response);
}

const UNREAD = { body: null, header: null, outcome: 0, runId: null };

/** What a stop or a start answers with is the DAG that it made. */
const madeSchema = z.object({ data: z.object({ id: z.string() }) });
const idIn = (body: unknown): string | null => madeSchema.safeParse(body).data?.data.id ?? null;

async function send(world: World, agent: Agent, answered: Answered, response: ServerResponse): Promise<void> {
  const { faults } = world;
  const { status, contentType, body } = answered.reply;
  if (answered.isWrite && status < 400 && faults.take(agent.address, "lose-answer")) return void response.destroy();
  const delayMs = faults.find(agent.address, "slow")?.delayMs ?? 0;
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  // The fault may have come while the answer was being made.
  if (faults.has(agent.address, "agent-down")) return void response.destroy();
  if (isSilent(faults, agent.address)) return;
  const bytes = Buffer.from(toJson(body));
  response.writeHead(status, { "content-type": contentType, "content-length": bytes.length });
  const trickle = faults.find(agent.address, "trickle");
  if (trickle) return sendSlowly(response, bytes, trickle.everyMs);
  if (!faults.has(agent.address, "truncated")) return void response.end(bytes);
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

/** One byte after the other: each of them alone looks like progress. */
async function sendSlowly(response: ServerResponse, bytes: Buffer, everyMs: number): Promise<void> {
  response.socket?.setNoDelay(true);
  for (let at = 0; at < bytes.length && !response.destroyed; at += 1) {
    response.write(bytes.subarray(at, at + 1));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  response.end();
}

function sendHtml(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
  response.end("<!doctype html><html><head><title>OBShell</title></head><body></body></html>");
}

function redirect(response: ServerResponse, status: 301 | 307, location: string): void {
  response.writeHead(status, { location, "content-type": "text/html; charset=utf-8" });
  response.end(`<a href="${location}">${status === 301 ? "Moved Permanently" : "Temporary Redirect"}</a>.\n\n`);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

const one = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};
