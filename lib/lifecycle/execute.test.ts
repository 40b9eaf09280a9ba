import { afterEach, expect, test, vi } from "vitest";
import type { SimulatorOptions } from "../simulator/cluster";
import { readSend } from "./execute";
import { readPlan } from "./plans";
import type { Confirmation, Method } from "./schema";
import { startStage, type Stage } from "./testing/stage";

/** The whole way from a selection to the decrypted request at an agent: real HTTP, real RSA and AES. */
let stage: Stage;

const start = async (options: Partial<SimulatorOptions> = {}, environment = "TEST") =>
  void (stage = await startStage("sqlite", options, { environment }));
afterEach(() => stage.end());

const inZone = (zone: string) => stage.inZone(zone);
const writes = () => stage.writes();
const plan = (servers: string[], method: Method) => stage.plan(servers, method);
const confirm = (made: { id: string; fingerprint: string }, change: Partial<Confirmation> = {}) =>
  stage.confirm(made, change);

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
    expect(JSON.parse(made.requests[0]?.body ?? "")).toEqual(seen);
    expect(write?.header).toMatchObject({ Uri: path });
    if (picked.length < stage.simulator.agents.length) expect(picked).not.toContain(made.coordinator);
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
  stage.simulator.setObserver(inZone("zone3")[0] ?? "", "process-stopped");
  await expect(confirm(made)).rejects.toMatchObject({ kind: "plan-changed" });
  expect(writes()).toHaveLength(0);
  const again = await readPlan("c1", made.id);
  expect(again.state).toBe("changed");
  expect(again.changes.map((change) => change.message)).toContain("server-state");
});

test("a cluster that cannot be looked at at the last moment is not stopped on what was known before", async () => {
  await start();
  const made = await plan(inZone("zone1").slice(0, 1), "stop");
  stage.simulator.setFault("*", { kind: "garbage" });
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
  await vi.waitFor(async () => expect(await readSend("c1", made.id)).toMatchObject({ state: "accepted" }), {
    timeout: 15_000,
    interval: 200,
  });
  expect(stage.simulator.requests.filter((request) => request.path === "/api/v1/ob/stop")).toHaveLength(1);
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
  expect(JSON.parse(forced.requests[0]?.body ?? "")).toMatchObject({ scope: { type: "SERVER" }, force: true });
  expect(forced.impact.majority).toMatchObject({ verdict: "unknown", why: "database-unreachable" });
  expect(await confirm(forced)).toMatchObject({ state: "accepted" });
});

test("a leftover run is named in the plan, blocks it, and is released with the stop only when it was chosen", async () => {
  await start({ scenario: "maintenance-held" });
  const one = inZone("zone2").slice(0, 1);
  const unticked = await plan(one, "force");
  const [leftover] = unticked.blockers;
  expect(unticked.blockers).toMatchObject([{ name: "Stop OB", releasable: true, chosen: false }]);
  await expect(confirm(unticked)).rejects.toMatchObject({ kind: "plan-blocked" });
  expect(writes()).toEqual([]);
  const made = await stage.plan(one, "force", { releases: [leftover?.id ?? ""] });
  await confirm(made);
  expect(writes()[0]?.body).toMatchObject({ forcePassDag: { id: [leftover?.id] } });
});

test("a server that the cluster does not know is refused by name", async () => {
  await start();
  await expect(plan(["10.9.9.9:2886"], "stop")).rejects.toMatchObject({
    kind: "target-unknown",
    facts: { params: { what: "10.9.9.9:2886" } },
  });
});
