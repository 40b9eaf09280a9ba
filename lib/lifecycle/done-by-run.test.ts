import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Server } from "../clusters/schema";
import { exampleTopology, withServer } from "../clusters/testing/example-topology";
import { readTopology } from "../clusters/topology";
import { openStore } from "../db/store";
import { assembleRun, NOT_SENT_HERE } from "../tasks/assemble-run";
import { COORDINATOR, exampleDag, START } from "../tasks/example-dag";
import { doneBy } from "./done-by-run";
import { readStanding } from "./standing";
import type { Method } from "./schema";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

const AGENTS = exampleTopology().zones.flatMap((zone) => zone.servers.map((server) => server.address));
const [, SECOND = "", THIRD = ""] = AGENTS;

/** A stop of the second and third server as it stands at a stage. */
function watched(stage: number, state: "RUNNING" | "FAILED" | "SUCCEED", method: Method = "force") {
  const dag = exampleDag(AGENTS, { method, stage, state });
  const { run, tasks } = assembleRun(dag, {
    ...{ cluster: { id: "c1", name: "core", environment: "TEST" }, coordinator: COORDINATOR, zoneOf: {}, skewMs: 0 },
    sent: { ...NOT_SENT_HERE, method, targets: [SECOND, THIRD] },
    ...{ readAtMs: START + 8_000, nowMs: START + 30_000, readFrom: null, silence: null, topology: null },
    ...{ endedMs: null, sawEnd: true, verdict: null },
  });
  return { run, tasks, topology: null };
}
const seen = (address: string, state: Server["state"] = "PROCESS_STOPPED") =>
  withServer(exampleTopology(3, 3, { readAt: new Date(START + 9_000).toISOString() }), address, { state });

describe("what a run did, as far as it is shown", () => {
  test("one that went well did everything; one that failed early nothing", () => {
    expect(doneBy([], watched(5, "SUCCEED"))).toBe("all");
    expect(doneBy([], watched(2, "FAILED"))).toEqual([]);
  });

  test("what is down while it goes on is its work, what goes down before it begins or after its end is not", () => {
    expect(doneBy([], { ...watched(4, "RUNNING"), topology: seen(SECOND) })).toEqual([SECOND]);
    expect(doneBy([], { ...watched(2, "RUNNING"), topology: seen(SECOND) })).toEqual([]);
    expect(doneBy([], { ...watched(4, "FAILED"), topology: seen(SECOND) })).toEqual([]);
    expect(doneBy([SECOND], watched(4, "FAILED"))).toEqual([SECOND]);
  });

  test("a kill is not credited with a server that somebody else has stopped by SQL (protocol §5.2)", () => {
    const bySql = seen(SECOND, "SERVICE_STOPPED");
    expect(doneBy([], { ...watched(4, "RUNNING"), topology: bySql })).toEqual([]);
    expect(doneBy([], { ...watched(5, "RUNNING", "terminate"), topology: bySql })).toEqual([]);
    expect(doneBy([], { ...watched(5, "RUNNING", "stop"), topology: bySql })).toEqual([SECOND]);
  });

  test("a statement that was taken is done for all, also when the run fails after it", () => {
    expect(doneBy([], watched(5, "FAILED", "stop"))).toEqual([]);
    expect(doneBy([], watched(6, "FAILED", "stop"))).toBe("all");
  });
});

describe("a half-done stop", () => {
  let stage: Stage;
  afterEach(() => stage.end());

  test("a target that it left running, and that crashed before anybody looked, is not told as down by it", async () => {
    stage = await startStage("sqlite", { timeScale: 60 });
    watchIntents();
    const [killed = "", stuck = ""] = stage.inZone("zone2");
    const plan = await stage.plan([killed, stuck], "force");
    stage.simulator.setFault(stuck, { kind: "kill-failure" });
    expect(await stage.confirm(plan)).toMatchObject({ state: "accepted" });
    const { db } = await openStore();
    const endedAt = async () => (await db.selectFrom("intent").select("ended_at").executeTakeFirst())?.ended_at;
    while ((await endedAt()) === null) await sleep(20);
    stage.simulator.setObserver(stuck, "process-stopped");
    await readTopology("c1", { maxAgeMs: 0 });
    const { down } = await readStanding("c1");
    expect(Object.fromEntries(down.map(({ certainty, servers }) => [certainty, servers]))).toEqual({
      down: [killed],
      "not-known": [stuck],
    });
  });
});
