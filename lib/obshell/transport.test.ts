import { createServer, type AddressInfo, type Socket } from "node:net";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { isAppError, type AppError } from "../errors";
import { listen } from "./testing/fake-agent";
import { createTransport, type AgentRequest, type TransportOptions } from "./transport";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

function transportWith(options?: TransportOptions) {
  const transport = createTransport(options);
  closers.push(() => transport.close());
  return transport;
}

/** A bare TCP server: `talk` gets every connection's socket and its number. */
async function rawServer(talk: (socket: Socket, connection: number) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => undefined));
    talk(socket, sockets.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

async function httpServer(answer: (response: ServerResponse, path: string) => void) {
  const server = await listen((request, response) => {
    request.resume();
    answer(response, request.url ?? "");
  });
  closers.push(server.close);
  return server;
}

/** An address at which nothing listens. */
async function deadAddress(): Promise<string> {
  const { address, close } = await listen(() => undefined);
  await close();
  return address;
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    (value) => new Error(`resolved: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw error;
  return error;
}

const get = (address: string, path = "/api/v1/info"): AgentRequest => ({ address, method: "GET", path });
const post = (address: string): AgentRequest => ({ address, method: "POST", path: "/api/v1/ob/stop", body: "sealed" });
const soon = { timeoutMs: 300 };
const later = { timeoutMs: 5_000 };

test("path and query are sent byte for byte, and any status is an answer", async () => {
  const paths: string[] = [];
  const { address } = await httpServer((response, path) => {
    paths.push(path);
    response.writeHead(404).end("nothing");
  });
  const path = "/api/v1/ob/zone/z%C3%A9%2F1/../x?b=2&a=1&c=%20+";
  expect(await transportWith().read(get(address, path), later)).toEqual({ status: 404, text: "nothing" });
  expect(paths).toEqual([path]);
});

test("reads share connections", async () => {
  let connections = 0;
  const { address, server } = await httpServer((response) => response.end("{}"));
  server.on("connection", () => (connections += 1));
  const transport = transportWith();
  for (let at = 0; at < 10; at += 1) await transport.read(get(address), later);
  // The second may open while the first is still being put back.
  expect(connections).toBeLessThanOrEqual(2);
});

test("text that arrives in pieces of a character is put together", async () => {
  const bytes = Buffer.from("区域一🔑");
  const { address } = await rawServer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n`);
    socket.write(bytes.subarray(0, 4), () => setTimeout(() => socket.end(bytes.subarray(4)), 20));
  });
  expect((await transportWith().read(get(address), later)).text).toBe("区域一🔑");
});

describe("nothing listens", () => {
  test("a read is told that the agent cannot be reached", async () => {
    const error = await failure(transportWith().read(get(await deadAddress()), later));
    expect(error).toMatchObject({ kind: "agent-unreachable", sent: undefined });
    expect(error.facts.params).toMatchObject({ code: "ECONNREFUSED" });
  });

  test("a write was certainly not sent", async () => {
    const error = await failure(transportWith().write(post(await deadAddress()), later));
    expect(error).toMatchObject({ kind: "agent-unreachable", sent: "no" });
  });

  test("nor was one to a name that does not resolve", async () => {
    const error = await failure(transportWith().write(post("agent.invalid:2886"), later));
    expect(error).toMatchObject({ kind: "agent-unreachable", sent: "no" });
  });
});

describe("the agent stays silent", () => {
  test("a read ends at its deadline", async () => {
    const { address } = await httpServer(() => undefined);
    const started = Date.now();
    expect(await failure(transportWith().read(get(address), soon))).toMatchObject({ kind: "agent-timeout" });
    expect(Date.now() - started).toBeLessThan(900);
  });

  test("a write may have been taken, and was sent once", async () => {
    const paths: string[] = [];
    const { address } = await httpServer((_response, path) => void paths.push(path));
    expect(await failure(transportWith().write(post(address), soon))).toMatchObject({
      kind: "agent-timeout",
      sent: "maybe",
    });
    await sleep(200);
    expect(paths).toHaveLength(1);
  });

  test("the deadline covers a body that trickles in", async () => {
    const { address } = await httpServer((response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(drip));
    });
    expect(await failure(transportWith().read(get(address), soon))).toMatchObject({ kind: "agent-timeout" });
  });
});

describe("the caller gives up", () => {
  test("before anything was sent", async () => {
    const { address } = await httpServer((response) => response.end("{}"));
    const error = await failure(transportWith().write(post(address), { ...later, signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ kind: "cancelled", sent: "no" });
  });

  test("while a write waits for its answer", async () => {
    const controller = new AbortController();
    const { address } = await httpServer(() => controller.abort());
    const error = await failure(transportWith().write(post(address), { ...later, signal: controller.signal }));
    expect(error).toMatchObject({ kind: "cancelled", sent: "maybe" });
  });

  test("by a deadline of its own, which is told as one", async () => {
    const { address } = await httpServer(() => undefined);
    const error = await failure(transportWith().read(get(address), { ...later, signal: AbortSignal.timeout(50) }));
    expect(error.kind).toBe("agent-timeout");
  });
});

describe("answers that are none", () => {
  const talks: [string, string][] = [
    ["garbage", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["a truncated body", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"successful":'],
    ["a truncated chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nabc"],
    ["two different lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"],
    ["an endless head", `HTTP/1.1 200 OK\r\n${`x-filler: ${"y".repeat(1000)}\r\n`.repeat(40)}\r\n`],
  ];

  test.each(talks)("%s is unreadable, and a write may have been taken", async (_name, talk) => {
    let requests = 0;
    const { address } = await rawServer((socket) => {
      socket.once("data", () => {
        requests += 1;
        socket.end(talk);
      });
    });
    const transport = transportWith();
    expect(await failure(transport.read(get(address), later))).toMatchObject({ kind: "answer-unreadable" });
    requests = 0;
    expect(await failure(transport.write(post(address), later))).toMatchObject({
      kind: "answer-unreadable",
      sent: "maybe",
    });
    expect(requests).toBe(1);
  });

  test("an answer over the limit is cut off, told by its length or not", async () => {
    const { address } = await httpServer((response, path) => {
      if (path !== "/chunked") return void response.end("x".repeat(2_000));
      const pour = setInterval(() => response.write("x".repeat(500)), 1);
      response.on("close", () => clearInterval(pour));
    });
    const transport = transportWith({ maxAnswerBytes: 1_000 });
    expect(await failure(transport.read(get(address, "/chunked"), later))).toMatchObject({ kind: "answer-too-large" });
    expect(await failure(transport.read(get(address), later))).toMatchObject({ kind: "answer-too-large" });
    expect(await failure(transport.write(post(address), later))).toMatchObject({
      kind: "answer-too-large",
      sent: "maybe",
    });
  });
});

describe("the connection is reset", () => {
  test("a write that was received is sent once and may have been taken", async () => {
    let requests = 0;
    const { address, sockets } = await rawServer((socket) => {
      socket.once("data", () => {
        requests += 1;
        socket.resetAndDestroy();
      });
    });
    const error = await failure(transportWith().write(post(address), later));
    expect(error).toMatchObject({ kind: "agent-unreachable", sent: "maybe" });
    await sleep(200);
    expect([requests, sockets.length]).toEqual([1, 1]);
  });

  test("a write that is closed without an answer may have been taken", async () => {
    const { address, sockets } = await rawServer((socket) => socket.once("data", () => socket.end()));
    expect(await failure(transportWith().write(post(address), later))).toMatchObject({ sent: "maybe" });
    expect(sockets).toHaveLength(1);
  });

  test("a read is asked a second time, and not a third", async () => {
    const { address, sockets } = await rawServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await failure(transportWith().read(get(address), later))).toMatchObject({ kind: "agent-unreachable" });
    expect(sockets).toHaveLength(2);
  });
});

describe("an idle connection closes just as it is used", () => {
  const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
  /** Answers the first request of a connection and resets it upon the second. */
  const fickle = async () => {
    const requests: string[] = [];
    const server = await rawServer((socket) => {
      let answered = false;
      socket.on("data", (data: Buffer) => {
        requests.push(data.toString().split(" ", 1)[0] ?? "");
        if (answered) socket.resetAndDestroy();
        else socket.write(OK);
        answered = true;
      });
    });
    return { ...server, requests };
  };

  test("a read goes through on a new one", async () => {
    const { address, sockets } = await fickle();
    const transport = transportWith();
    await transport.read(get(address), later);
    expect((await transport.read(get(address), later)).text).toBe("{}");
    expect(sockets).toHaveLength(2);
  });

  test("a write never uses an idle one, so it is sent once and answered", async () => {
    const { address, sockets, requests } = await fickle();
    const transport = transportWith();
    await transport.read(get(address), later);
    expect((await transport.write(post(address), later)).text).toBe("{}");
    expect((await transport.write(post(address), later)).text).toBe("{}");
    expect(requests).toEqual(["GET", "POST", "POST"]);
    expect(sockets).toHaveLength(3);
  });

  test("many writes and closing connections at once: each arrives exactly once", async () => {
    const bodies: string[] = [];
    const { address } = await rawServer((socket) => {
      socket.on("data", (data: Buffer) => {
        const body = data.toString().split("\r\n\r\n")[1] ?? "";
        bodies.push(body);
        if (Number(body) % 2 === 0) socket.end(OK);
        else socket.resetAndDestroy();
      });
    });
    const transport = transportWith();
    const sends = Array.from({ length: 100 }, (_, at) =>
      transport.write({ ...post(address), body: String(at) }, later),
    );
    const results = await Promise.allSettled(sends);
    await sleep(200);
    expect([...bodies].map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at));
    const lost = results.flatMap((result) => (result.status === "rejected" ? [result.reason as AppError] : []));
    expect(lost).toHaveLength(50);
    expect(lost.every((error) => error.sent === "maybe")).toBe(true);
  });
});
