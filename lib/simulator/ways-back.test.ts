import { expect, test } from "vitest";
import type { Moment } from "./dag";
import { follow } from "./test-client";
import { play, run, servers } from "./test-cluster";

/** Simulated seconds, as they pass at this scale. */
const SCALE = 100;
const after = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, (seconds * 1_000) / SCALE));

interface Return {
  readonly agent: 0 | 4 | 8;
  readonly at: Moment;
  readonly state: "SUCCEED" | "FAILED";
  readonly stage: number;
  /** Agents that are locked when it is over. */
  readonly locked: number;
}

/** A forced stop of agent 4 at agent 0; the struck agent dies as the stage begins and is back 4 s later. */
const RETURNS: readonly Return[] = [
  { agent: 8, at: "create", state: "SUCCEED", stage: 5, locked: 0 },
  { agent: 8, at: "ready", state: "SUCCEED", stage: 5, locked: 0 },
  { agent: 8, at: "advance", state: "FAILED", stage: 3, locked: 9 },
  { agent: 8, at: "wait", state: "SUCCEED", stage: 5, locked: 0 },
  { agent: 4, at: "wait", state: "SUCCEED", stage: 5, locked: 0 },
  { agent: 8, at: "end", state: "FAILED", stage: 5, locked: 1 },
  { agent: 0, at: "create", state: "FAILED", stage: 1, locked: 0 },
  { agent: 0, at: "ready", state: "FAILED", stage: 2, locked: 9 },
  { agent: 0, at: "advance", state: "FAILED", stage: 3, locked: 9 },
  { agent: 0, at: "wait", state: "SUCCEED", stage: 5, locked: 0 },
  { agent: 0, at: "end", state: "FAILED", stage: 5, locked: 9 },
];

test.each(RETURNS)("agent $agent dies at $at and returns: $state at stage $stage", async (expected) => {
  const { client, at, simulator: sim } = await play({ timeScale: SCALE });
  const struck = at(expected.agent);
  sim.when({ stage: expected.at }, () => {
    sim.setFault(struck, { kind: "agent-down" });
    void after(4).then(() => sim.setFault(struck, { kind: "agent-down" }, false));
  });
  const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
  const { dag } = await follow(client, json.data?.id ?? "");
  expect([dag.state, dag.stage]).toEqual([expected.state, expected.stage]);
  await expect.poll(() => sim.locks().length).toBe(expected.locked);
  if (expected.locked === 0) return;
  // What is left can be released once everybody is there.
  await after(6);
  const next = await run(client, "/ob/start", { scope: servers(at(4)), forcePassDag: { id: [dag.id] } });
  expect(next.dag.state).toBe("SUCCEED");
  expect(sim.locks()).toEqual([]);
});

test.each(["create", "ready", "advance", "wait", "end"] as const)(
  "a run that is held at %s goes on when it is let go, and can be cancelled before",
  async (stage) => {
    const { client, at, simulator: sim } = await play({ timeScale: 300 });
    const stop = async (): Promise<string> => {
      sim.setFault(at(0), { kind: "stage-held", stage });
      const isThere = new Promise<void>((resolve) => sim.when({ stage }, () => resolve()));
      const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
      const id = json.data?.id ?? "";
      await isThere;
      await after(5);
      expect((await client.get(`/task/dag/${id}`)).json.data?.state).toBe("RUNNING");
      return id;
    };
    const first = await stop();
    sim.clearFaults();
    expect((await follow(client, first)).dag.state).toBe("SUCCEED");
    const second = await stop();
    expect((await client.post(`/task/dag/${second}`, { operator: "CANCEL" })).status).toBe(200);
    expect((await follow(client, second)).dag).toMatchObject({ state: "FAILED", operator: "CANCEL" });
  },
);

test("a coordinator that stays away leaves agents that others can release one by one, but no new run until it is back", async () => {
  const { client, clientAt, at, simulator: sim } = await play({ timeScale: SCALE });
  const isDown = new Promise<void>((resolve) =>
    sim.when({ stage: "end" }, () => {
      sim.setFault(at(0), { kind: "agent-down" });
      resolve();
    }),
  );
  const { json } = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
  await isDown;
  await expect.poll(() => sim.locks().filter(({ state, stage }) => state === "FAILED" && stage > 1).length).toBe(9);
  const other = clientAt(1);
  expect((await other.get(`/task/dag/${json.data?.id}`)).status).toBe(500);
  const blocked = await run(other, "/ob/start", { scope: servers(at(4)), forcePassDag: { id: [json.data?.id] } });
  expect(blocked.dag).toMatchObject({ state: "FAILED", stage: 2 });
  // The others were passed for the new run, and again when it failed; the dead agent's lock waits for it.
  expect(sim.locks().map((lock) => lock.address)).toEqual([at(0)]);
  sim.clearFaults();
  const { dag } = await follow(client, json.data?.id ?? "");
  expect([dag.state, dag.stage]).toEqual(["FAILED", 5]);
  const [held] = sim.locks();
  expect((await other.post(`/task/dag/${held?.dagId}`, { operator: "PASS" })).status).toBe(200);
  expect((await run(other, "/ob/start", { scope: servers(at(4)) })).dag.state).toBe("SUCCEED");
});

test("the zone endpoint at an agent whose observer is gone runs no SQL and kills; with a freeze it fails and locks all", async () => {
  const { clientAt, at, simulator: sim } = await play();
  const client = clientAt(3);
  sim.setObserver(at(3), "process-stopped");
  const body = { freeze_server: true };
  const { dag } = await run(client, "/ob/zone/zone2/stop", body);
  expect(dag).toMatchObject({ state: "FAILED", stage: 4 });
  expect(sim.locks()).toHaveLength(9);
  const forced = { forcePassDag: { id: [dag.id] } };
  const second = await run(client, "/ob/zone/zone2/stop", forced);
  expect(second.dag.state).toBe("SUCCEED");
  const zone2 = sim.observers().filter((observer) => observer.zone === "zone2");
  expect(zone2.map(({ isRunning, isZoneStopped }) => [isRunning, isZoneStopped])).toEqual(
    Array(3).fill([false, false]),
  );
});
