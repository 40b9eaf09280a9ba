import { afterEach, expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import { openStore } from "../db/store";
import { AppError } from "../errors";
import { acceptIntent } from "./accept-intent";
import { readSend } from "./execute";
import { readIntent } from "./intents";
import { leaveOpen } from "./testing/leave-open";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

/** Only a stop that may have stopped its zone is remembered until a start takes it back, however old it is. */
let stage: Stage;
afterEach(() => stage.end());

const until = (check: () => Promise<unknown>) => vi.waitFor(check, { timeout: 30_000, interval: 100 });
async function markOf(planId: string) {
  const { db } = await openStore();
  return (await db.selectFrom("intent").select("zone_stop").where("plan_id", "=", planId).executeTakeFirstOrThrow())
    .zone_stop;
}
const begin = async () => {
  stage = await startStage("sqlite", { timeScale: 60, version: "4.2.3.0" });
  return stage.plan(stage.inZone("zone2"));
};

test("a zone stop that never left is not remembered, until an answer says that it did", async () => {
  const plan = await begin();
  await leaveOpen(plan);
  expect(await markOf(plan.id)).toBe(1);
  await stage.restart();
  watchIntents();
  await until(async () => expect(await readSend("c1", plan.id)).toEqual({ state: "none" }));
  expect(await markOf(plan.id)).toBe(0);
  const intent = await readIntent(plan.id);
  await stage.restart(); // nobody follows what never was
  expect(intent && (await acceptIntent(intent, "201677721710288617"))).toBe(true);
  expect(await markOf(plan.id)).toBe(1);
});

test("a zone stop that an agent refused is not remembered", async () => {
  const plan = await begin();
  const agent = agentOf("c1", plan.coordinator ?? "");
  for (const call of ["stop", "zoneStop"] as const)
    vi.spyOn(agent, call).mockRejectedValueOnce(new AppError("task-create-failed"));
  await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "task-create-failed" });
  expect(await readIntent(plan.id)).toMatchObject({ state: "none" });
  expect(await markOf(plan.id)).toBe(0);
});

test.each([
  [{ kind: "rpc-lost" as const, call: "create" as const }, 0],
  [{ kind: "sql-error" as const }, 1],
])("one that ended by %j is remembered only if it may have done something: %s", async (fault, mark) => {
  const plan = await begin();
  watchIntents();
  stage.simulator.setFault("*", fault);
  expect(await stage.confirm(plan)).toMatchObject({ state: "accepted" });
  await until(async () => expect((await readIntent(plan.id))?.recordedAt).not.toBeNull());
  expect(await markOf(plan.id)).toBe(mark);
});
