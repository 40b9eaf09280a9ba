import { expect, test } from "vitest";
import { follow, type TestClient } from "./test-client";
import { play, run, servers, zones } from "./test-cluster";

interface TopologyServer {
  obshell_port: number;
  status: string;
  inner_status: string;
  ob_status: number;
  stop_time: string;
  local_task_id?: string;
}
interface TopologyZone {
  name: string;
  status: string;
  inner_status: string;
  local_task_id?: string;
  servers: TopologyServer[];
}

async function topology(
  client: TestClient,
): Promise<{ zones: TopologyZone[]; server(address: string): TopologyServer }> {
  const { json } = await client.get("/obcluster/topology/info");
  const { zones } = json.data as unknown as { zones: TopologyZone[] };
  return {
    zones,
    server(address) {
      const found = zones.flatMap((it) => it.servers).find((it) => address.endsWith(`:${it.obshell_port}`));
      if (!found) throw new Error(`no server of ${address}`);
      return found;
    },
  };
}

test("a graceful stop of a server sets stop_time and leaves the process alive; a start takes it back", async () => {
  const { client, at } = await play();
  await run(client, "/ob/stop", { scope: servers(at(4)) });
  expect((await topology(client)).server(at(4))).toMatchObject({
    status: "SERVICE_STOPPED",
    inner_status: "ACTIVE",
    ob_status: 3,
  });
  await run(client, "/ob/start", { scope: servers(at(4)) });
  expect((await topology(client)).server(at(4))).toMatchObject({
    status: "RUNNING",
    stop_time: "0001-01-01T00:00:00Z",
  });
});

test("a graceful stop of a zone makes the zone INACTIVE, and starting one of its servers does not bring it back", async () => {
  const { client, at } = await play();
  await run(client, "/ob/stop", { scope: zones("zone2") });
  const zoneNow = async () => (await topology(client)).zones.find((it) => it.name === "zone2");
  expect(await zoneNow()).toMatchObject({ status: "STOPPED", inner_status: "INACTIVE" });
  await run(client, "/ob/start", { scope: servers(at(3)) });
  expect(await zoneNow()).toMatchObject({ inner_status: "INACTIVE" });
  await run(client, "/ob/start", { scope: zones("zone2") });
  expect(await zoneNow()).toMatchObject({ status: "RUNNING", inner_status: "ACTIVE" });
});

test("a forced stop kills, and a start brings the process back", async () => {
  const { client, at } = await play();
  await run(client, "/ob/stop", { scope: servers(at(4)), force: true });
  expect((await topology(client)).server(at(4))).toMatchObject({ ob_status: 0, status: "PROCESS_STOPPED" });
  await run(client, "/ob/start", { scope: servers(at(4)) });
  expect((await topology(client)).server(at(4))).toMatchObject({ ob_status: 3, status: "RUNNING" });
});

test("the database notices a dead process only after its lease", async () => {
  const { client, at, simulator: sim } = await play({ timeScale: 5 });
  sim.setObserver(at(4), "process-stopped");
  expect((await topology(client)).server(at(4))).toMatchObject({ ob_status: 0, inner_status: "ACTIVE" });
  await expect
    .poll(async () => (await topology(client)).server(at(4)).inner_status, { timeout: 9_000 })
    .toBe("INACTIVE");
});

test("the zone endpoint stops the zone and its processes", async () => {
  const { client } = await play();
  await run(client, "/ob/zone/zone2/stop", undefined);
  const found = (await topology(client)).zones.find((it) => it.name === "zone2");
  expect(found?.inner_status).toBe("INACTIVE");
  expect(found?.servers.map((it) => it.ob_status)).toEqual([0, 0, 0]);
});

test("while a stop runs its targets show it, with the id of the main DAG", async () => {
  const { client, at } = await play({ timeScale: 40 });
  const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
  await expect.poll(async () => (await topology(client)).server(at(4)).status).toBe("PROCESS_STOPPING");
  expect((await topology(client)).server(at(4)).local_task_id).toBe(json.data?.id);
  await follow(client, json.data?.id ?? "");
  expect((await topology(client)).server(at(4)).local_task_id).toBeUndefined();
});

test("after a stop of the whole cluster agents answer in degraded mode and a global start brings it back", async () => {
  const { client, at } = await play();
  await run(client, "/ob/stop", { scope: { type: "GLOBAL" }, force: true });
  const degraded = await client.get("/obcluster/info");
  expect(degraded.json.data).toMatchObject({ status: "NOT RUNNING", tenants: null });
  expect((await topology(client)).zones[0]).toMatchObject({ status: "UNKNOWN", inner_status: "" });
  const { dag } = await run(client, "/ob/start", { scope: { type: "GLOBAL" } });
  expect(dag.state).toBe("SUCCEED");
  expect((await topology(client)).server(at(8)).status).toBe("RUNNING");
});
