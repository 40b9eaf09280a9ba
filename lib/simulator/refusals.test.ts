import { expect, test } from "vitest";
import type { SimulatorOptions } from "./cluster";
import { follow } from "./test-client";
import { play, servers, zones } from "./test-cluster";

async function refused(options: Partial<SimulatorOptions> = {}) {
  const played = await play(options);
  const refusal = async (body: unknown, path = "/ob/stop"): Promise<string> => {
    const { json } = await played.client.post(path, body);
    return json.error?.errCode ?? "accepted";
  };
  return { ...played, refusal };
}

test("a stop is checked row by row", async () => {
  const { refusal, at } = await refused();
  expect(await refusal({})).toBe("OB.Cluster.Scope.Invalid");
  expect(await refusal({ scope: { type: "ROOM" } })).toBe("OB.Cluster.Scope.Invalid");
  expect(await refusal({ scope: { type: "zone" } })).toBe("Common.IllegalArgument");
  expect(await refusal({ scope: zones("zone9"), force: true })).toBe("OB.Zone.NotExist");
  expect(await refusal({ scope: servers("db-host:2886"), force: true })).toBe("Common.InvalidIp");
  expect(await refusal({ scope: servers("127.0.0.1:80"), force: true })).toBe("Common.InvalidPort");
  expect(await refusal({ scope: servers("127.0.0.1"), force: true })).toBe("Agent.NotExist");
  expect(await refusal({ scope: { type: "GLOBAL" } })).toBe("OB.Cluster.ForceStopOrTerminateRequired");
  expect(await refusal({ scope: { type: "GLOBAL" }, force: true, terminate: true })).toBe(
    "OB.Cluster.StopModeConflict",
  );
  expect(await refusal({ scope: servers(at(0), at(3)) })).toBe("OB.Server.StoppedInMultiZone");
  expect(await refusal({ scope: zones("zone1", "zone2") })).toBe("OB.Server.StoppedInMultiZone");
});

test("another stopped zone or server stands in the way of a graceful stop and of the zone endpoint, not of force", async () => {
  const { refusal, simulator: sim, at } = await refused();
  sim.setObserver(at(3), "service-stopped");
  expect(await refusal({ scope: servers(at(0)) })).toBe("OB.Server.StoppedInMultiZone");
  expect(await refusal({ scope: zones("zone1") })).toBe("OB.Server.StoppedInMultiZone");
  expect(await refusal({}, "/ob/zone/zone1/stop/check")).toBe("OB.Server.StoppedInMultiZone");
  expect(await refusal({}, "/ob/zone/zone2/stop/check")).toBe("accepted");
  expect(await refusal({ scope: servers(at(0)), force: true })).toBe("accepted");
});

test("without zone3 no other zone can be stopped gracefully, and the message is a bare key", async () => {
  const { client, refusal } = await refused({ scenario: "no-majority" });
  const { json } = await client.post("/ob/stop", { scope: zones("zone1") });
  expect(json.error).toEqual({
    errCode: "OB.Cluster.Tenant.Replica.Invalid",
    message: "err.ob.cluster.tenant.replica.invalid",
  });
  expect(await refusal({}, "/ob/zone/zone2/stop")).toBe("OB.Cluster.Tenant.Replica.Invalid");
  expect(await refusal({ scope: zones("zone3") })).toBe("accepted");
});

test("with the database down only a forced stop of servers or of everything is taken", async () => {
  const { refusal, at, client } = await refused({ scenario: "db-down" });
  expect((await client.get("/status", { rawHeader: null })).json.data?.obState).toBe(1);
  expect(await refusal({ scope: servers(at(0)) })).toBe("OB.Cluster.ForceStopRequired");
  expect(await refusal({ scope: servers(at(0)), terminate: true })).toBe("OB.Cluster.ForceStopRequired");
  expect(await refusal({ scope: zones("zone1"), force: true })).toBe("OB.Cluster.ForceStopRequired");
  expect(await refusal({}, "/ob/zone/zone1/stop")).toBe("Agent.OceanBase.Useless");
  expect(await refusal({ scope: servers(at(0)), force: true })).toBe("accepted");
});

test("a receiver without its own database refuses, and lets another agent check a zone stop that it is sent", async () => {
  const { refusal, simulator: sim, at } = await refused();
  sim.setFault(at(0), { kind: "database-down" });
  expect(await refusal({ scope: servers(at(8)) })).toBe("OB.Cluster.ForceStopRequired");
  expect(await refusal({}, "/ob/zone/zone2/stop/check")).toBe("Agent.OceanBase.Useless");
  sim.setObserver(at(8), "service-stopped");
  expect(await refusal({}, "/ob/zone/zone2/stop")).toBe("Agent.RPC.RequestError");
  sim.setObserver(at(8), "serving");
  expect(await refusal({}, "/ob/zone/zone2/stop")).toBe("accepted");
});

test("before 4.4.1.0 the agent takes what the database then refuses", async () => {
  const { client, at } = await refused({ version: "4.3.1.0" });
  const { json } = await client.post("/ob/stop", { scope: servers(at(0), at(3)) });
  const { dag } = await follow(client, json.data?.id ?? "");
  expect(dag).toMatchObject({ state: "FAILED", stage: 5 });
  expect(dag.nodes?.[4]?.sub_tasks[0]?.task_logs?.at(-1)).toContain("Error 4660");
});
