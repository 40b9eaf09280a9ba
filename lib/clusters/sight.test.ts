import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { freshStore, restartProcess, type FreshStore } from "../db/testing/fresh-store";
import { startSimulator, type Simulator, type SimulatorOptions } from "../simulator/cluster";
import { knownKeys } from "./known-keys";
import { probeAgents } from "./probe";
import { agentOf } from "./registry";
import type { Server, Topology } from "./schema";
import { knownAgents, readTopology } from "./topology";

vi.setConfig({ testTimeout: 60_000 });
let simulator: Simulator;
let fresh: FreshStore;

async function start(options: Partial<SimulatorOptions> = {}, seeds = [0, 1]) {
  simulator = await startSimulator({ scenario: "medium", basePort: 0, timeScale: 1, password: "secret", ...options });
  vi.stubEnv("SIGHT_PASSWORD", simulator.password);
  const cluster = { id: "c1", environment: "TEST", agents: seeds.map(at), passwordEnv: "SIGHT_PASSWORD" };
  fresh = await freshStore("sqlite", { clusters: [cluster] });
}
const at = (index: number): string => simulator.agents[index]?.address ?? "";
afterEach(async () => {
  await fresh.dispose();
  await simulator.close();
  vi.unstubAllEnvs();
});

const serversOf = (topology: Topology) => topology.zones.flatMap((zone) => zone.servers);
const find = (topology: Topology, address: string): Server =>
  serversOf(topology).find((server) => server.address === address) ?? expect.unreachable();
const asked = (path: string) => simulator.requests.filter((request) => request.path.startsWith(`/api/v1${path}`));
/** Looks as often as a console does while somebody watches. */
const watchUntil = (seen: (topology: Topology) => void) =>
  vi.waitFor(async () => seen(await readTopology("c1")), { timeout: 20_000, interval: 250 });

test("with a silent host the first picture does not wait for the cluster-wide answer, and names it", async () => {
  await start({ scenario: "silent-host" });
  const topology = await readTopology("c1");
  expect(asked("/obcluster/info")).toMatchObject([{ outcome: 0 }]);
  expect(find(topology, at(8)).agent).toMatchObject({ answers: false, condition: "silent" });
  expect(serversOf(topology).filter(({ agent }) => agent?.condition === "answers")).toHaveLength(8);
  expect(topology).toMatchObject({ databaseReachable: true, answeredBy: at(0) });
  expect(topology.ageMs).toBeLessThan(10_000);
});

test("a host that falls silent is named with since when, and the rest of the picture stays young", async () => {
  await start();
  const before = await readTopology("c1");
  expect(before.overdue).toBeNull();
  simulator.setFault(at(8), { kind: "host-silent" });
  const sinceMs = Date.now();
  await watchUntil((topology) => expect(find(topology, at(8)).agent?.condition).toBe("silent"));
  await sleep(16_000);
  const topology = await readTopology("c1");
  expect(topology.ageMs).toBeLessThan(8_000);
  const { since } = find(topology, at(8)).agent ?? expect.unreachable();
  expect(Math.abs(Date.parse(since ?? "") - sinceMs)).toBeLessThan(4_000);
  // What only the cluster-wide answer tells is told with its age.
  expect(topology.overdue).toMatchObject({ why: "no-answer", readAt: expect.any(String) as string });
  expect(topology.tenants?.map(({ name }) => name)).toEqual(before.tenants?.map(({ name }) => name));
  expect(topology.zones.map(({ innerStatus, lastInnerStatus }) => [innerStatus, lastInnerStatus])).toEqual([
    ["", "ACTIVE"],
    ["", "ACTIVE"],
    ["", "ACTIVE"],
  ]);
  expect(find(topology, at(0)).state).toBe("SERVICE_NOT_REPORTED");
});

test("a cluster-wide read that does not come is left running, once", async () => {
  await start({ scenario: "silent-host" });
  for (let looks = 0; looks < 4; looks += 1) await readTopology("c1", { maxAgeMs: 0 });
  expect(asked("/obcluster/info")).toHaveLength(1);
  expect(asked("/obcluster/info")[0]?.outcome).toBe(0);
});

test("when the host answers again the picture is whole again", async () => {
  await start({ scenario: "silent-host", timeScale: 20 });
  await watchUntil((topology) => expect(find(topology, at(8)).agent?.condition).toBe("silent"));
  simulator.clearFaults();
  await watchUntil((topology) => {
    expect(topology.overdue).toBeNull();
    expect(find(topology, at(8))).toMatchObject({ state: "SERVING", agent: { condition: "answers", since: null } });
  });
});

test("an agent whose own status hangs lives, a gone one refuses, and neither is called silent", async () => {
  await start({ scenario: "frozen-observer" });
  simulator.setFault(at(7), { kind: "agent-down" });
  await watchUntil((topology) => {
    const hanging = serversOf(topology).filter(({ agent }) => agent?.condition === "hangs");
    expect(hanging).toMatchObject([{ zone: "zone2", agent: { answers: false } }]);
    expect(find(topology, at(7)).agent).toMatchObject({ answers: false, condition: "refused" });
    expect(topology.databaseReachable).toBe(true);
  });
});

test("a frozen observer hangs on, and since when, also when its status is asked for anew", async () => {
  await start({ scenario: "frozen-observer" });
  const found = async () =>
    serversOf(await readTopology("c1")).flatMap(({ agent }) =>
      agent && agent.condition !== "answers" ? [`${agent.condition} ${agent.since}`] : [],
    );
  await vi.waitFor(async () => expect((await found()).join()).toMatch(/^hangs /), { timeout: 20_000, interval: 250 });
  const first = await found();
  // A question is left for 20 s, and the one that takes its place as well.
  for (const untilMs = Date.now() + 30_000; Date.now() < untilMs; await sleep(250))
    expect(await found()).toEqual(first);
});

/** An agent that tells its time, after a while, and never its status. */
async function hangingAgent({ timeMs }: { timeMs: number }) {
  const open: string[] = [];
  const seen = { most: 0 };
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path.startsWith("/api/v1/time")) {
      const time = { successful: true, timestamp: "", duration: 0, status: 200, traceId: "1", data: new Date() };
      const tell = () => response.setHeader("content-type", "application/json").end(JSON.stringify(time));
      return void setTimeout(tell, timeMs);
    }
    open.push(path);
    seen.most = Math.max(seen.most, open.length);
    response.once("close", () => open.pop());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

test("a status that hangs is asked for one at a time, however often the agent is looked at", async () => {
  const { address, seen } = await hangingAgent({ timeMs: 0 });
  await start();
  for (let looks = 0; looks < 4; looks += 1) {
    const probe = (await probeAgents("c1", [address])).get(address);
    expect(probe).toMatchObject({ condition: "hangs", status: null });
  }
  expect(seen.most).toBe(1);
});

test("a status that is given up amid a look does not make the agent silent", async () => {
  const { address } = await hangingAgent({ timeMs: 700 });
  await start();
  const conditions = new Set<string>();
  // A question is left for 20 s, and so is the one that takes its place.
  for (const untilMs = Date.now() + 30_000; Date.now() < untilMs;)
    conditions.add((await probeAgents("c1", [address])).get(address)?.condition ?? "");
  expect([...conditions]).toEqual(["hangs"]);
});

test("an agent that takes 4 s for its answers is not called silent while it does, and is once it is", async () => {
  await start({ scenario: "slow-agent" });
  const condition = (topology: Topology) => find(topology, at(8)).agent?.condition;
  await readTopology("c1");
  await watchUntil((topology) => expect(condition(topology)).toBe("answers"));
  for (const untilMs = Date.now() + 9_000; Date.now() < untilMs; await sleep(250))
    expect(condition(await readTopology("c1"))).toBe("answers");
  simulator.setFault(at(8), { kind: "host-silent" });
  await watchUntil((topology) => expect(condition(topology)).toBe("silent"));
});

test("an agent that answers is asked for no sign of life, and one that freezes later is told as hanging at once", async () => {
  await start();
  await readTopology("c1");
  await sleep(1_500);
  simulator.setFault(at(4), { kind: "observer-frozen" });
  expect(find(await readTopology("c1", { maxAgeMs: 0 }), at(4)).agent?.condition).toBe("hangs");
});

test("a failing cluster-wide answer leaves the members, and says since when it is refused", async () => {
  await start();
  simulator.setFault("*", { kind: "cluster-info-error" });
  const topology = await readTopology("c1");
  expect(serversOf(topology)).toHaveLength(9);
  expect(topology).toMatchObject({ databaseReachable: true, tenants: null, overdue: { why: "refused", readAt: null } });
});

test("after a restart agents that were met before are asked, when the registered one is gone", async () => {
  await start({}, [0]);
  await readTopology("c1");
  await vi.waitFor(async () => expect((await knownKeys("c1")).size).toBe(9));
  simulator.setFault(at(0), { kind: "host-silent" });
  await restartProcess();
  const topology = await readTopology("c1");
  expect(find(topology, at(0)).agent?.condition).toBe("silent");
  expect(serversOf(topology).filter(({ agent }) => agent?.answers)).toHaveLength(8);
});

test("an address that is no member counts for nothing once the cluster has named its members", async () => {
  await start({}, [0, 1]);
  const { compareKey } = await import("./known-keys");
  await compareKey("c1", "127.0.0.1:1999", await agentOf("c1", at(0)).publicKey());
  const topology = await readTopology("c1");
  expect(topology.notAsked).toEqual([]);
  expect(knownAgents("c1").sort()).toEqual(simulator.agents.map(({ address }) => address).sort());
});

test("never are more than 4 reads of one agent under way", async () => {
  await start();
  simulator.setFault(at(0), { kind: "silent" });
  const client = agentOf("c1", at(0));
  const reads = Array.from({ length: 12 }, () => client.clock({ timeoutMs: 1_500 }).catch(() => null));
  await sleep(700);
  expect(simulator.requests.filter(({ agent, outcome }) => agent === at(0) && outcome === 0).length).toBeLessThan(5);
  await Promise.all(reads);
});
