import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startSimulator, VERSIONS, type Simulator, type SimulatorOptions } from "../simulator/cluster";

let simulator: Simulator;

async function start(options: Partial<SimulatorOptions> = {}, password?: string) {
  simulator = await startSimulator({ scenario: "medium", basePort: 0, timeScale: 20, password: "secret", ...options });
  const folder = mkdtempSync(join(tmpdir(), "standdown-topology-"));
  writeFileSync(join(folder, "password"), password ?? simulator.password);
  const clusters = [
    {
      id: "c1",
      environment: "TEST",
      agents: simulator.agents.slice(0, 2).map((agent) => agent.address),
      passwordFile: "password",
    },
  ];
  writeFileSync(join(folder, "config.json"), JSON.stringify({ clusters }));
  vi.stubEnv("STANDDOWN_CONFIG", join(folder, "config.json"));
  return import("./topology");
}
beforeEach(() => {
  Reflect.deleteProperty(globalThis, "__standdown"); // a fresh process, as far as singletons go
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await simulator.close();
});

const servers = (topology: { zones: { servers: { address: string; state: string }[] }[] }) =>
  topology.zones.flatMap((zone) => zone.servers);

test.each(VERSIONS)("an agent of %s shows its zones and servers, all serving as far as it reports", async (version) => {
  const { readTopology, knownAgents } = await start({ version });
  const topology = await readTopology("c1");
  expect(topology.zones.map((zone) => [zone.name, zone.servers.length])).toEqual([
    ["zone1", 3],
    ["zone2", 3],
    ["zone3", 3],
  ]);
  // Before 4.3.0.0 no agent reports whether a zone is stopped.
  const state = version === "4.2.3.0" ? "SERVICE_NOT_REPORTED" : "SERVING";
  expect(new Set(servers(topology).map((server) => server.state))).toEqual(new Set([state]));
  expect(
    servers(topology)
      .map((server) => server.address)
      .sort(),
  ).toEqual(simulator.agents.map((agent) => agent.address).sort());
  expect(topology).toMatchObject({ databaseReachable: true, agentVersion: version, activeRuns: [] });
  expect(topology.zones.map((zone) => zone.rootServer)).toEqual([true, false, false]);
  expect(knownAgents("c1")).toHaveLength(9);
  // Before 4.3.0.0 no agent reports tenants, so the majority cannot be judged.
  expect(topology.tenants === null).toBe(version === "4.2.3.0");
});

test("stopped service, stopped process and a dead agent are three different things", async () => {
  const { readTopology } = await start();
  const [first, second, third] = simulator.agents
    .filter((agent) => agent.zone === "zone2")
    .map((agent) => agent.address);
  simulator.setObserver(first ?? "", "service-stopped");
  simulator.setObserver(second ?? "", "process-stopped");
  simulator.setFault(third ?? "", { kind: "agent-down" });
  const topology = await readTopology("c1");
  const of = (address?: string) => servers(topology).find((server) => server.address === address);
  expect(of(first)).toMatchObject({ state: "SERVICE_STOPPED", stoppedBySql: true });
  expect(of(second)).toMatchObject({ state: "PROCESS_STOPPED" });
  expect(of(third)).toMatchObject({ agent: { answers: false } });
});

test("with the database down the picture comes from the agents and says so", async () => {
  const { readTopology } = await start({ scenario: "db-down" });
  const topology = await readTopology("c1");
  expect(topology).toMatchObject({ databaseReachable: false, tenants: null });
  expect(servers(topology)).toHaveLength(9);
  expect(servers(topology).some((server) => server.state === "SERVING")).toBe(false);
});

test("a held maintenance lock shows as a run that holds it", async () => {
  const { readTopology } = await start({ scenario: "maintenance-held" });
  const topology = await readTopology("c1");
  expect(topology.activeRuns).toEqual([expect.objectContaining({ name: "Stop OB", holdsMaintenance: true })]);
  expect(servers(topology).some((server) => server.state === "STOPPING")).toBe(false);
});

test("a wrong password is said once and not tried at every agent", async () => {
  const { readTopology } = await start({}, "wrong");
  await expect(readTopology("c1")).rejects.toMatchObject({ kind: "password-rejected" });
  await expect(readTopology("c1")).rejects.toMatchObject({ kind: "password-rejected" });
  expect(simulator.requests.filter((request) => request.outcome === 401).length).toBe(1);
});

test("many callers at once cost one look", async () => {
  const { readTopology } = await start();
  await Promise.all(Array.from({ length: 20 }, () => readTopology("c1", { maxAgeMs: 1_000 })));
  expect(simulator.requests.filter((request) => request.path.startsWith("/api/v1/obcluster/info")).length).toBe(1);
});

test("when every agent falls silent the last picture stays, with its true age, and names them", async () => {
  const { readTopology } = await start();
  const before = await readTopology("c1");
  simulator.setFault("*", { kind: "agent-down" });
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const after = await readTopology("c1");
  expect(after.readAt).toBe(before.readAt);
  expect(after.ageMs).toBeGreaterThan(1_000);
  await expect(readTopology("c1", { maxAgeMs: 500 })).rejects.toMatchObject({ kind: "agent-unreachable" });
  const named = await readTopology("c1");
  const agents = named.zones.flatMap((zone) => zone.servers.map(({ agent }) => agent?.condition));
  expect(agents).toEqual(servers(before).map(() => "refused"));
});

test("a thousand agents are read in one look", async () => {
  const { readTopology } = await start({ scenario: "huge" });
  expect(servers(await readTopology("c1"))).toHaveLength(1_000);
}, 60_000);
