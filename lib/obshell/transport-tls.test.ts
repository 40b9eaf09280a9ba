import { createServer, type Server, type ServerOptions } from "node:https";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import forge from "node-forge";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { isAppError, type AppError } from "../errors";
import { createTransport, type AgentRequest, type TransportOptions } from "./transport";

interface Certified {
  cert: string;
  key: string;
}

const DAY_MS = 86_400_000;
let serial = 1;

/** A certificate signed by `authority`, or by itself. */
function certify(name: string, authority?: Certified, ip = "127.0.0.1", endsInMs = DAY_MS): Certified {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  const subject = [{ name: "commonName", value: name }];
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = `0${(serial += 1)}`;
  certificate.validity.notBefore = new Date(Date.now() - 2 * DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + endsInMs);
  certificate.setSubject(subject);
  certificate.setIssuer(authority ? forge.pki.certificateFromPem(authority.cert).subject.attributes : subject);
  certificate.setExtensions([
    { name: "basicConstraints", cA: !authority },
    ...(authority ? [{ name: "subjectAltName", altNames: [{ type: 7, ip }] }] : []),
  ]);
  certificate.sign(authority ? forge.pki.privateKeyFromPem(authority.key) : keys.privateKey, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: forge.pki.privateKeyToPem(keys.privateKey) };
}

let ca: Certified;
let stranger: Certified;
let agent: Certified;
let client: Certified;
beforeAll(() => {
  ca = certify("authority");
  stranger = certify("another authority");
  agent = certify("agent", ca);
  client = certify("console", ca);
}, 60_000);

const servers: Server[] = [];
const closers: (() => Promise<unknown>)[] = [];
let requests = 0;
afterEach(async () => {
  requests = 0;
  await Promise.all(closers.splice(0).map((close) => close()));
});
afterAll(() => servers.forEach((server) => server.close()));

async function tlsAgent(options: ServerOptions): Promise<string> {
  const server = createServer(options, (request, response) => {
    requests += 1;
    request.resume();
    response.end("{}");
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => server.closeAllConnections());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function transportWith(tls: TransportOptions["tls"], connectTimeoutMs?: number) {
  const transport = createTransport({ tls, ...(connectTimeoutMs ? { connectTimeoutMs } : {}) });
  closers.push(() => transport.close());
  return transport;
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => new Error("resolved"),
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw error;
  return error;
}

const deadline = { timeoutMs: 5_000 };
const get = (address: string): AgentRequest => ({ address, method: "GET", path: "/api/v1/info" });
const post = (address: string): AgentRequest => ({ address, method: "POST", path: "/api/v1/ob/stop", body: "sealed" });

test("reads and writes go through when the authority is the configured one", async () => {
  const address = await tlsAgent(agent);
  const transport = transportWith({ ca: ca.cert });
  expect((await transport.read(get(address), deadline)).status).toBe(200);
  expect((await transport.write(post(address), deadline)).status).toBe(200);
});

test("an agent of another authority is refused before anything is sent", async () => {
  const address = await tlsAgent(agent);
  const transport = transportWith({ ca: stranger.cert });
  expect(await failure(transport.read(get(address), deadline))).toMatchObject({ kind: "tls-failed" });
  expect(await failure(transport.write(post(address), deadline))).toMatchObject({ kind: "tls-failed", sent: "no" });
  expect(requests).toBe(0);
});

test("a certificate for another address or one that has ended is refused", async () => {
  const transport = transportWith({ ca: ca.cert });
  const wrongAddress = await tlsAgent(certify("elsewhere", ca, "10.9.9.9"));
  expect(await failure(transport.write(post(wrongAddress), deadline))).toMatchObject({
    kind: "tls-failed",
    sent: "no",
  });
  const ended = await tlsAgent(certify("ended", ca, "127.0.0.1", -DAY_MS));
  expect(await failure(transport.write(post(ended), deadline))).toMatchObject({ kind: "tls-failed", sent: "no" });
});

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "with %s a client certificate lets in, and nothing else does",
  async (version) => {
    const asked = {
      requestCert: true,
      rejectUnauthorized: true,
      ca: ca.cert,
      minVersion: version,
      maxVersion: version,
    };
    const address = await tlsAgent({ ...agent, ...asked });
    const known = transportWith({ ca: ca.cert, cert: client.cert, key: client.key });
    expect((await known.write(post(address), deadline)).status).toBe(200);
    expect(requests).toBe(1);

    for (const tls of [{ ca: ca.cert }, { ca: ca.cert, cert: stranger.cert, key: stranger.key }]) {
      const error = await failure(transportWith(tls).write(post(address), deadline));
      // In TLS 1.3 the refusal may also arrive as a plain reset, and then nobody can tell.
      if (error.kind === "tls-failed") expect(error.sent).toBe("no");
      else expect(error).toMatchObject({ kind: "agent-unreachable", sent: "maybe" });
    }
    expect(requests).toBe(1);
  },
);

test("a port that never shakes hands is given up, in time and unsent", async () => {
  const silent = createTcpServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  closers.push(async () => silent.close());
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const byConnect = await failure(transportWith({ ca: ca.cert }, 300).write(post(address), deadline));
  expect(byConnect).toMatchObject({ kind: "agent-unreachable", sent: "no" });
  const started = Date.now();
  const transport = transportWith({ ca: ca.cert });
  const byDeadline = await failure(transport.write(post(address), { timeoutMs: 300 }));
  expect(byDeadline).toMatchObject({ kind: "agent-timeout", sent: "no" });
  expect(await failure(transport.read(get(address), { timeoutMs: 300 }))).toMatchObject({ kind: "agent-timeout" });
  expect(Date.now() - started).toBeLessThan(1_200);
});

test("TLS to a port that speaks plain HTTP fails as TLS, unsent", async () => {
  const plain = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  });
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  closers.push(async () => plain.close());
  const address = `127.0.0.1:${(plain.address() as AddressInfo).port}`;
  const error = await failure(transportWith({ ca: ca.cert }).write(post(address), deadline));
  expect(error).toMatchObject({ kind: "tls-failed", sent: "no" });
});

test("a write given up while shaking hands is not sent when the hand comes late", async () => {
  const behind = createServer(agent, (request, response) => {
    requests += 1;
    request.resume();
    response.end("{}");
  });
  servers.push(behind);
  const front = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    setTimeout(() => behind.emit("connection", socket), 400);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  closers.push(async () => front.close());
  const address = `127.0.0.1:${(front.address() as AddressInfo).port}`;
  const transport = transportWith({ ca: ca.cert });
  expect((await transport.write(post(address), deadline)).status).toBe(200);
  expect(await failure(transport.write(post(address), { timeoutMs: 200 }))).toMatchObject({ sent: "no" });
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(requests).toBe(1);
});
