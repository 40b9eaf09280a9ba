import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startSimulator, type Simulator, type SimulatorOptions } from "../simulator/cluster";
import type { Method } from "./schema";

/** The whole way from a selection to the decrypted request at an agent: real HTTP, real RSA and AES. */
let simulator: Simulator;

async function start(options: Partial<SimulatorOptions> = {}, environment = "TEST") {
  simulator = await startSimulator({
    scenario: "medium",
    basePort: 0,
    timeScale: 20,
    password: "Str0ng#密码",
    ...options,
  });
  const folder = mkdtempSync(join(tmpdir(), "standdown-execute-"));
  writeFileSync(join(folder, "password"), simulator.password);
  const agents = simulator.agents.slice(0, 2).map((agent) => agent.address);
  const clusters = [{ id: "c1", name: "core", environment, agents, passwordFile: "password" }];
  writeFileSync(join(folder, "config.json"), JSON.stringify({ dataDir: "data", clusters }));
  vi.stubEnv("STANDDOWN_CONFIG", join(folder, "config.json"));
}

beforeEach(() => {
  Reflect.deleteProperty(globalThis, "__standdown"); // a fresh process, as far as singletons go
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await simulator.close();
});

const inZone = (zone: string) => simulator.agents.filter((agent) => agent.zone === zone).map((agent) => agent.address);
const writes = () =>
  simulator.requests.filter(
    (request) => request.method === "POST" && /\/(stop|start)$/.test(request.path) && request.outcome === 200,
  );

async function plan(servers: string[], method: Method) {
  const { makePlan } = await import("./plans");
  return makePlan({ clusterId: "c1", servers, method });
}
async function confirm(
  made: { id: string; fingerprint: string },
  change: Partial<{ reason: string; typedName: string }> = {},
) {
  const { confirmStop } = await import("./execute");
  const sent = {
    clusterId: "c1",
    planId: made.id,
    fingerprint: made.fingerprint,
    reason: "INC-4471 disk",
    typedName: "core",
  };
  return confirmStop({ ...sent, ...change }, made.id);
}

test.each<[string, () => string[], Method, string, object]>([
  [
    "one server",
    () => inZone("zone2").slice(0, 1),
    "stop",
    "/api/v1/ob/stop",
    { scope: { type: "SERVER", target: "ONE" } },
  ],
  ["a whole zone", () => inZone("zone2"), "stop", "/api/v1/ob/stop", { scope: { type: "ZONE", target: ["zone2"] } }],
  [
    "a forced zone",
    () => inZone("zone2"),
    "force",
    "/api/v1/ob/stop",
    { scope: { type: "ZONE", target: ["zone2"] }, force: true },
  ],
  ["a flushed zone", () => inZone("zone2"), "terminate", "/api/v1/ob/zone/zone2/stop", { freeze_server: true }],
  [
    "everything",
    () => ["zone1", "zone2", "zone3"].flatMap(inZone),
    "force",
    "/api/v1/ob/stop",
    { scope: { type: "GLOBAL" }, force: true },
  ],
])(
  "a stop of %s reaches a healthy agent as the canonical request, decrypted",
  async (_what, servers, method, path, body) => {
    await start();
    const picked = servers();
    const made = await plan(picked, method);
    const send = await confirm(made);
    expect(send).toMatchObject({ state: "accepted", coordinator: made.coordinator });
    const [write] = writes();
    expect(write).toMatchObject({ agent: made.coordinator, path });
    const seen = JSON.parse(JSON.stringify(body).replace('"ONE"', JSON.stringify(picked.slice(0, 1)))) as object;
    expect(write?.body).toEqual(seen);
    expect(JSON.parse(made.request.body)).toEqual(seen);
    expect(write?.header).toMatchObject({ Uri: path });
    if (picked.length < simulator.agents.length) expect(picked).not.toContain(made.coordinator);
  },
);

test("a plan is sent at most once, however often and at once it is confirmed", async () => {
  await start();
  const made = await plan(inZone("zone2").slice(0, 1), "stop");
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => confirm(made)));
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  expect(writes()).toHaveLength(1);
  await expect(confirm(made)).rejects.toMatchObject({ kind: "plan-used" });
});

test("while one stop is going no other plan is sent", async () => {
  await start({ timeScale: 5 });
  const [first, second] = [
    await plan(inZone("zone2").slice(0, 1), "stop"),
    await plan(inZone("zone2").slice(1, 2), "stop"),
  ];
  await confirm(first);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await expect(confirm(second)).rejects.toMatchObject({
    kind: expect.stringMatching(/stop-in-progress|plan-changed/) as string,
  });
  expect(writes()).toHaveLength(1);
});

test("a plan whose cluster has changed is refused, and nothing is sent", async () => {
  await start();
  const made = await plan(inZone("zone2").slice(0, 1), "stop");
  simulator.setObserver(inZone("zone3")[0] ?? "", "process-stopped");
  await expect(confirm(made)).rejects.toMatchObject({ kind: "plan-changed" });
  expect(writes()).toHaveLength(0);
  const { readPlan } = await import("./plans");
  const again = await readPlan("c1", made.id);
  expect(again.state).toBe("changed");
  expect(again.changes.map((change) => change.message)).toContain("server-state");
});

test("a cluster that cannot be looked at at the last moment is not stopped on what was known before", async () => {
  await start();
  const made = await plan(inZone("zone1").slice(0, 1), "stop");
  simulator.setFault("*", { kind: "garbage" });
  await expect(confirm(made)).rejects.toMatchObject({ kind: "plan-blocked" });
  expect(writes()).toEqual([]);
});

test("a critical stop needs the reason and the exact name", async () => {
  await start({}, "PROD");
  const made = await plan(inZone("zone2"), "force");
  expect(made.tier).toBe(3);
  await expect(confirm(made, { reason: "x" })).rejects.toMatchObject({ kind: "confirmation-missing" });
  await expect(confirm(made, { typedName: "Core" })).rejects.toMatchObject({ kind: "confirmation-missing" });
  await expect(confirm({ ...made, fingerprint: "0" })).rejects.toMatchObject({ kind: "plan-changed" });
  expect(writes()).toHaveLength(0);
  await confirm(made, { typedName: " core " });
  expect(writes()).toHaveLength(1);
});

test("a lost answer is looked for, found, and never sent again", async () => {
  await start({ scenario: "lost-answer", timeScale: 5 });
  const made = await plan(inZone("zone2").slice(0, 1), "stop");
  expect(await confirm(made)).toMatchObject({ state: "unknown" });
  await expect(confirm(made)).rejects.toMatchObject({ kind: "plan-used" });
  const { readSend } = await import("./execute");
  await vi.waitFor(() => expect(readSend("c1", made.id)).toMatchObject({ state: "accepted" }), {
    timeout: 15_000,
    interval: 200,
  });
  expect(simulator.requests.filter((request) => request.path === "/api/v1/ob/stop")).toHaveLength(1);
});

test("a silent agent is announced before the stop, with its address", async () => {
  await start({ scenario: "agent-dead" });
  const made = await plan(inZone("zone2").slice(0, 1), "stop");
  const check = made.checks.find((one) => one.id === "agents-answer");
  expect(check).toMatchObject({ level: "warn", message: "silent", params: { count: 1, total: 9 } });
  expect(inZone("zone3")).toContain(check?.items[0]);
});

test("without a database only Force finds a way, server by server", async () => {
  await start({ scenario: "db-down" });
  expect((await plan(inZone("zone2"), "stop")).coordinator).toBeNull();
  const forced = await plan(inZone("zone2"), "force");
  expect(JSON.parse(forced.request.body)).toMatchObject({ scope: { type: "SERVER" }, force: true });
  expect(forced.impact.majority).toMatchObject({ verdict: "unknown", why: "database-unreachable" });
  expect(await confirm(forced)).toMatchObject({ state: "accepted" });
});

test("a leftover run is named in the plan and released with the stop", async () => {
  await start({ scenario: "maintenance-held" });
  const made = await plan(inZone("zone2").slice(0, 1), "force");
  expect(made.closesRuns).toHaveLength(1);
  await confirm(made);
  expect(writes()[0]?.body).toMatchObject({ forcePassDag: { id: [made.closesRuns[0]?.id] } });
});

test("a server that the cluster does not know is refused by name", async () => {
  await start();
  await expect(plan(["10.9.9.9:2886"], "stop")).rejects.toMatchObject({
    kind: "target-unknown",
    facts: { params: { what: "10.9.9.9:2886" } },
  });
});
