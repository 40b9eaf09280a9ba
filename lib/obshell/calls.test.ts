import { afterEach, describe, expect, test } from "vitest";
import { isAppError, type AppError } from "../errors";
import { createAgentClient, type AgentClient } from "./client";
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
    terminate: false,
    forcePassDag: { id: ["201677721710288617"] },
  });
  expect(Object.keys(stops(agent)[0]?.header ?? {})).toEqual(["Auth", "Ts", "Uri", "Keys"]);
});
