import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readOverview } from "../clusters/overview";
import { listClusters } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { freshStore, type FreshStore } from "../db/testing/fresh-store";
import { isAppError } from "../errors";
import { encodeTaskId } from "../obshell/wire/task-id";
import { readRun } from "../tasks/read-run";
import { makePlan } from "./plans";

let agent: Server;
let address: string;
let fresh: FreshStore;

/** As a Go server answers whoever speaks plain HTTP at its TLS port; registered as one that does not speak TLS. */
beforeEach(async () => {
  agent = createServer((_request, response) => {
    response.writeHead(400).end("Client sent an HTTP request to an HTTPS server.\n");
  });
  await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
  address = `127.0.0.1:${(agent.address() as AddressInfo).port}`;
  vi.stubEnv("TLS_PASSWORD", "secret");
  const cluster = { id: "c1", environment: "TEST", agents: [address], passwordEnv: "TLS_PASSWORD" };
  fresh = await freshStore("sqlite", { clusters: [cluster] });
});
afterEach(async () => {
  await fresh.dispose();
  agent.closeAllConnections();
  await new Promise((resolve) => agent.close(resolve));
  vi.unstubAllEnvs();
});

const WANTED = { kind: "tls-failed", facts: { params: { tls: "wanted" } } };
const failureOf = (read: Promise<unknown>) =>
  read.then(
    () => expect.unreachable("nothing can be read there"),
    (error: unknown) => (isAppError(error) ? error : expect.unreachable(String(error))),
  );

test("an agent that speaks TLS and is asked without is told as that by picker, overview, plan and run alike", async () => {
  const named = { ...WANTED, facts: { params: { tls: "wanted", address } } };
  expect(await failureOf(readTopology("c1"))).toMatchObject(named);
  const { clusters } = await readOverview(listClusters());
  expect(clusters).toMatchObject([
    { health: "unreadable", failure: { kind: "tls-failed", params: { tls: "wanted" } } },
  ]);
  const asked = { clusterId: "c1", method: "force" as const, releases: [], continues: null, cancels: null };
  const person = { name: "li.wei", provenAt: new Date().toISOString() };
  expect(await failureOf(makePlan({ action: "stop", servers: ["127.0.0.1:2886"], ...asked }, person))).toMatchObject(
    WANTED,
  );
  expect(await failureOf(readRun("c1", encodeTaskId(address, 7) ?? ""))).toMatchObject(named);
});
