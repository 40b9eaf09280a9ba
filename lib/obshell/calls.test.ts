import { afterEach, describe, expect, test } from "vitest";
import { isAppError, type AppError } from "../errors";
import { createAgentClient } from "./client";
import { createSealingKey, refuseWith, startFakeAgent, succeed, type FakeAgent } from "./testing/fake-agent";
import { createTransport } from "./transport";

const DAG = {
  id: "201677721710288617",
  name: "Stop OB",
  state: "READY",
  operator: "RUN",
  stage: 1,
  max_stage: 5,
  start_time: "2026-01-01T08:00:01.2+08:00",
  end_time: "2026-01-01T08:00:01.2+08:00",
  additional_data: null,
  nodes: null,
};
const STOP = {
  scope: { type: "SERVER" as const, target: ["10.0.0.11:2886"] },
  mode: "force" as const,
  forcePassDag: ["201677721710288617"],
};
const DAG_PATH = `/api/v1/task/dag/${DAG.id}`;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

async function agentWith(
  settings: Parameters<typeof startFakeAgent>[0] = {},
  password = "secret",
  clock?: () => number,
) {
  const agent = await startFakeAgent({ answer: (_received, response) => succeed(response, DAG), ...settings });
  const transport = createTransport();
  opened.push(agent, transport);
  return { agent, client: createAgentClient({ address: agent.address, transport, password, clock }) };
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => "resolved",
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw new Error(`no AppError: ${String(error)}`);
  return error;
}

const stops = (agent: FakeAgent) => agent.received.filter((item) => item.path === "/api/v1/ob/stop");

test("a stop is sent once, sealed, with exactly one mode and an object of passed DAGs", async () => {
  const { agent, client } = await agentWith();
  const dag = await client.stop(STOP);
  expect(dag).toMatchObject({ id: DAG.id, state: "READY", startedAt: "2026-01-01T00:00:01.200Z", endedAt: null });
  expect(stops(agent)).toHaveLength(1);
  expect(stops(agent)[0]?.body).toEqual({
    scope: STOP.scope,
    force: true,
    forcePassDag: { id: ["201677721710288617"] },
  });
  expect(Object.keys(stops(agent)[0]?.header ?? {})).toEqual(["Auth", "Ts", "Uri", "Keys"]);
});

test("what is signed is the path with its query, byte for byte", async () => {
  const { agent, client } = await agentWith();
  await client.dag(DAG.id);
  await client.dag(DAG.id, { details: false });
  await client.zoneStop("区 1/2", { freezeServer: true, forcePassDag: [] });
  const signed = agent.received.filter((item) => item.header !== null);
  expect(signed.map((item) => item.path)).toEqual([
    DAG_PATH,
    `${DAG_PATH}?show_details=false`,
    "/api/v1/ob/zone/%E5%8C%BA%201%2F2/stop",
  ]);
  expect(signed.every((item) => item.header?.Uri === item.path)).toBe(true);
  expect(signed[2]?.body).toEqual({ freeze_server: true });
});

test("version, key and clock are read once for many calls", async () => {
  const { agent, client } = await agentWith();
  for (let at = 0; at < 5; at += 1) await client.dag(DAG.id);
  expect(["info", "secret", "time"].map((name) => agent.count(`/api/v1/${name}`))).toEqual([1, 1, 1]);
});

test.each([512, 1024, 2048])("a password of any script works with a key of %i bits", async (bits) => {
  const password = "密码🔑".repeat(20);
  const { client } = await agentWith({ key: createSealingKey(bits), password }, password);
  expect((await client.dag(DAG.id)).name).toBe("Stop OB");
});

test("an empty password works", async () => {
  const { client } = await agentWith({ password: "" }, "");
  expect((await client.stop(STOP)).id).toBe(DAG.id);
});

describe("the clock of the agent", () => {
  test.each([-3 * 3600_000, 3 * 3600_000])("may be off by %i ms", async (skewMs) => {
    const { agent, client } = await agentWith({ skewMs });
    expect((await client.dag(DAG.id)).id).toBe(DAG.id);
    const expires = Number(agent.received.find((item) => item.header)?.header?.Ts) * 1000;
    expect(Math.abs(expires - (Date.now() + skewMs) - 60_000)).toBeLessThan(3_000);
    const { skewMs: measured, roundTripMs } = await client.clock();
    expect(Math.abs(measured - skewMs)).toBeLessThan(500);
    expect(roundTripMs).toBeGreaterThanOrEqual(0);
  });

  test("counts for a write 20 s long: shorter than a lease on it", async () => {
    const { agent, client } = await agentWith();
    await client.stop(STOP);
    const expires = Number(agent.received.find((item) => item.path.endsWith("/stop"))?.header?.Ts) * 1000;
    expect(Math.abs(expires - Date.now() - 20_000)).toBeLessThan(3_000);
  });

  test("is measured again when our own was set meanwhile, also by less than a reading lasts", async () => {
    let setMs = 0;
    const { agent, client } = await agentWith({}, "secret", () => Date.now() + setMs);
    await client.dag(DAG.id);
    setMs = 40_000;
    await client.stop(STOP);
    const expires = Number(agent.received.find((item) => item.path.endsWith("/stop"))?.header?.Ts) * 1000;
    expect(Math.abs(expires - Date.now() - 20_000)).toBeLessThan(3_000);
  });

  test.each(["4.4.2.0-1", "4.2.3.0-1"])("that jumps ahead costs a read of %s one more try", async (version) => {
    const { agent, client } = await agentWith({ version });
    await client.dag(DAG.id);
    agent.state.skewMs = 3600_000;
    expect((await client.dag(DAG.id)).id).toBe(DAG.id);
    expect(agent.count(DAG_PATH)).toBe(3);
  });

  test("that jumps ahead makes a write fail once, and the next goes through", async () => {
    const { agent, client } = await agentWith();
    await client.dag(DAG.id);
    agent.state.skewMs = 3600_000;
    expect(await failure(client.stop(STOP))).toMatchObject({ kind: "clock-skew", sent: undefined });
    expect(stops(agent)).toHaveLength(1);
    await client.stop(STOP);
  });

  test("is measured again after a minute", async () => {
    let nowMs = Date.now();
    const { agent, client } = await agentWith({}, "secret", () => nowMs);
    await client.dag(DAG.id);
    nowMs += 61_000;
    await client.dag(DAG.id);
    expect(agent.count("/api/v1/time")).toBe(2);
  });
});

describe("the agent has a new key", () => {
  test.each(["4.4.2.0-1", "4.3.2.0-1", "4.2.3.0-1"])(
    "and %s takes reads and writes on the second try",
    async (version) => {
      const { agent, client } = await agentWith({ version });
      await client.dag(DAG.id);
      agent.state.key = createSealingKey(1024);
      expect((await client.stop(STOP)).id).toBe(DAG.id);
      expect(stops(agent)).toHaveLength(2);
      expect(stops(agent)[0]?.header).toBeNull();
      agent.state.key = createSealingKey(512);
      expect((await client.dag(DAG.id)).id).toBe(DAG.id);
      expect(await client.publicKey()).toBe(agent.state.key.published);
    },
  );

  test("that still does not fit: one more try and no third", async () => {
    const { agent, client } = await agentWith();
    const published = createSealingKey(512).published;
    agent.state.key = { ...agent.state.key, published };
    expect(await failure(client.stop(STOP))).toMatchObject({ kind: "agent-key-changed" });
    expect(stops(agent)).toHaveLength(2);
  });
});

describe("a wrong password", () => {
  /** Each test has its own: an agent of an earlier one may have had the same port, and what it rejected is remembered. */
  const wrong = () => `wrong ${crypto.randomUUID()}`;

  test.each(["4.4.2.0-1", "4.2.3.0-1"])("reaches %s once in half a minute, by whichever client", async (version) => {
    let nowMs = Date.now();
    const password = wrong();
    const { agent, client } = await agentWith({ version }, password, () => nowMs);
    const another = createAgentClient({
      address: agent.address,
      transport: opened[1] as ReturnType<typeof createTransport>,
      password,
      clock: () => nowMs,
    });
    expect(await failure(client.dag(DAG.id))).toMatchObject({ kind: "password-rejected", sent: undefined });
    expect(await failure(client.dag(DAG.id))).toMatchObject({ kind: "password-rejected" });
    expect(await failure(another.stop(STOP))).toMatchObject({ kind: "password-rejected", sent: "no" });
    expect([agent.count(DAG_PATH), stops(agent).length]).toEqual([1, 0]);
    nowMs += 31_000;
    await failure(client.dag(DAG.id));
    expect(agent.count(DAG_PATH)).toBe(2);
  });

  test("is tried once even when many calls begin together", async () => {
    const { agent, client } = await agentWith({}, wrong());
    const errors = await Promise.all(Array.from({ length: 20 }, () => failure(client.dag(DAG.id))));
    expect(errors.every((error) => error.kind === "password-rejected")).toBe(true);
    expect(agent.count(DAG_PATH)).toBe(1);
  });

  test("is forgotten with the right one", async () => {
    const { agent, client } = await agentWith({}, wrong());
    await failure(client.dag(DAG.id));
    const transport = createTransport();
    opened.push(transport);
    const right = createAgentClient({ address: agent.address, transport, password: "secret" });
    expect((await right.dag(DAG.id)).id).toBe(DAG.id);
  });
});

describe("what a version lacks", () => {
  const gated = (agent: FakeAgent) => agent.received.filter((item) => item.header !== null);

  test("is refused before anything is sent", async () => {
    const { agent, client } = await agentWith({ version: "4.2.6.0-1" });
    const body = { freezeServer: false, forcePassDag: [] };
    expect(await failure(client.zoneStop("zone1", body))).toMatchObject({ kind: "not-supported", sent: "no" });
    expect(await failure(client.agentDags())).toMatchObject({ kind: "not-supported" });
    expect(await failure(client.passNode(DAG.id))).toMatchObject({ kind: "not-supported", sent: "no" });
    expect(gated(agent)).toEqual([]);
  });

  test.each([
    ["4.2.2.0-1", {}],
    ["4.4.2.0-1", { supportedAuth: ["v9"] }],
  ])("an agent %s %j that cannot be spoken to is refused, yet says who it is", async (version, info) => {
    const { agent, client } = await agentWith({ version, info });
    expect((await client.info()).version).toBe(version.slice(0, -2));
    expect(await failure(client.dag(DAG.id))).toMatchObject({ kind: "not-supported" });
    expect(await failure(client.stop(STOP))).toMatchObject({ kind: "not-supported", sent: "no" });
    expect(gated(agent)).toEqual([]);
  });

  test("an unknown route is told the same way, new and old", async () => {
    const { agent, client } = await agentWith({
      answer: (_received, response) => refuseWith(response, 404, { errCode: "Common.NotFound", message: "" }),
    });
    expect(await failure(client.agentDags())).toMatchObject({ kind: "not-supported" });
    agent.state.answer = (_received, response) => refuseWith(response, 400, { code: 1000, message: "bad request" });
    expect(await failure(client.agentDags())).toMatchObject({ kind: "not-supported" });
  });
});

describe("refusals", () => {
  const refusing = (status: number, errCode: string) =>
    agentWith({ answer: (_received, response) => refuseWith(response, status, { errCode, message: "its own words" }) });

  test("carry the agent's own words and its trace", async () => {
    const { agent, client } = await refusing(400, "OB.Cluster.ForceStopRequired");
    expect(await failure(client.stop(STOP))).toMatchObject({
      kind: "force-required",
      sent: undefined,
      facts: {
        params: { address: agent.address },
        agentCode: "OB.Cluster.ForceStopRequired",
        agentMessage: "its own words",
        traceId: "00000000000000bb",
      },
    });
    expect(stops(agent)).toHaveLength(1);
  });

  test("that are break-downs leave the outcome of a write open", async () => {
    const { client } = await refusing(500, "Common.Unexpected");
    expect(await failure(client.stop(STOP))).toMatchObject({ kind: "agent-internal", sent: "maybe" });
    expect(await failure(client.dag(DAG.id))).toMatchObject({ kind: "agent-internal", sent: undefined });
  });

  test("of a maintenance DAG that does not exist are none", async () => {
    const { client } = await refusing(404, "Task.NotFound");
    expect(await client.maintenanceDag()).toBeNull();
    expect(await client.clusterMaintenanceDag()).toBeNull();
    expect(await failure(client.dag(DAG.id))).toMatchObject({ kind: "task-not-found" });
  });
});

describe("a write whose answer cannot be used may have been taken, and is not sent again", () => {
  test.each<[string, NonNullable<Parameters<typeof startFakeAgent>[0]>["answer"], string]>([
    ["no DAG in it", (_received, response) => succeed(response, null), "answer-unreadable"],
    ["a page", (_received, response) => void response.writeHead(200).end("<html></html>"), "answer-unreadable"],
    ["cut off", (_received, response) => void response.destroy(), "agent-unreachable"],
    ["none", () => undefined, "agent-timeout"],
  ])("%s", async (_name, answer, kind) => {
    const { agent, client } = await agentWith({ answer });
    const error = await failure(client.stop(STOP, { timeoutMs: 500 }));
    expect(error).toMatchObject({ kind, sent: "maybe", facts: { params: { address: agent.address } } });
    expect(error.facts.traceId).toMatch(/^[0-9a-f]{16}$/);
    expect(stops(agent)).toHaveLength(1);
  });
});

test("a write to an agent that does not run was certainly not sent", async () => {
  const { agent, client } = await agentWith();
  await client.dag(DAG.id);
  await agent.close();
  expect(await failure(client.stop(STOP))).toMatchObject({ kind: "agent-unreachable", sent: "no" });
});

test("what is no task id never leaves", async () => {
  const { agent, client } = await agentWith();
  expect(await failure(client.dag("../../ob/stop"))).toMatchObject({ kind: "task-id-invalid", sent: undefined });
  expect(await failure(client.operateDag("17?", "PASS"))).toMatchObject({ kind: "task-id-invalid", sent: "no" });
  expect(agent.received).toEqual([]);
});

test("one deadline covers everything that a call needs", async () => {
  const { client } = await agentWith({ answer: () => undefined });
  const started = Date.now();
  expect(await failure(client.cluster({ timeoutMs: 400 }))).toMatchObject({ kind: "agent-timeout" });
  expect(Date.now() - started).toBeLessThan(1_000);
});

test("a caller that gives up is told so", async () => {
  const { client } = await agentWith({ answer: () => undefined });
  expect(await failure(client.dag(DAG.id, { signal: AbortSignal.timeout(100) }))).toMatchObject({
    kind: "agent-timeout",
  });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  expect(await failure(client.dag(DAG.id, { signal: controller.signal }))).toMatchObject({ kind: "cancelled" });
});

describe("status", () => {
  test("bounds the agent's own probe below our patience", async () => {
    const { agent, client } = await agentWith();
    expect(await client.status()).toMatchObject({ obState: 3, version: "4.4.2.0", identity: "CLUSTER AGENT" });
    expect(agent.received[0]?.path).toBe("/api/v1/status?ob_query_timeout=3000000");
  });

  test("tells the version where /info hangs on a frozen database", async () => {
    const { agent, client } = await agentWith({ version: "4.5.0.0-1", hanging: ["/api/v1/info"] });
    expect((await client.dag(DAG.id)).id).toBe(DAG.id);
    expect((await client.dag(DAG.id)).id).toBe(DAG.id);
    expect(agent.count("/api/v1/info")).toBe(1);
  });

  test("that was asked for anyway spares the question for the version", async () => {
    const { agent, client } = await agentWith();
    await client.status();
    expect((await client.dag(DAG.id)).id).toBe(DAG.id);
    expect(agent.count("/api/v1/info")).toBe(0);
  });
});
