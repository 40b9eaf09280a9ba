import { afterEach, expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import type { SimulatorOptions } from "../simulator/cluster";
import { readIntent } from "./intents";
import { makePlan } from "./plans";
import type { Plan } from "./schema";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 60_000 });

/** A stop whose flush failed: taking it up again stops its servers, so it is judged as a stop is. */
let stage: Stage;
const begin = async (options: Partial<SimulatorOptions> = {}) => {
  stage = await startStage("sqlite", { zoneSizes: [2, 2, 2], timeScale: 200, ...options }, { environment: "PROD" });
  watchIntents();
  stage.simulator.setFault(at(2), { kind: "freeze-error" });
};
afterEach(() => stage.end());

const at = (index: number) => stage.simulator.agents[index]?.address ?? "";
const until = (check: () => Promise<unknown>) => vi.waitFor(check, { timeout: 30_000, interval: 100 });
const look = () => readTopology("c1", { maxAgeMs: 0 });
const plan = async (action: "retry" | "skip", runId: string) => {
  await look();
  return makePlan({ action, clusterId: "c1", runId }, stage.person);
};
const check = ({ checks }: Plan, id: string) => checks.find((row) => row.id === id);

async function failedFlush(): Promise<string> {
  const made = await stage.plan([at(2)], "terminate");
  const sent = await stage.confirm(made);
  if (sent.state !== "accepted") throw new Error(JSON.stringify(sent));
  await until(async () => expect((await readIntent(made.id))?.recordedAt).not.toBeNull());
  return sent.runId;
}

test.each(["retry", "skip"] as const)(
  "%s of a stop says what becomes of the majority, and is as critical",
  async (action) => {
    await begin();
    const runId = await failedFlush();
    const kept = await plan(action, runId);
    expect(check(kept, "majority")?.message).toBe("no-spare");
    expect(kept).toMatchObject({ tier: 2, impact: { stopping: 1, majority: { guard: "nobody" } } });
    expect(check(kept, "run")?.level).toBe("ok");
    for (const index of [4, 5]) stage.simulator.setObserver(at(index), "process-stopped");
    await until(async () => expect((await plan(action, runId)).impact.majority.verdict).toBe("lost"));
    const lost = await plan(action, runId);
    expect(lost).toMatchObject({ tier: 3, tierReasons: expect.arrayContaining(["majority-lost"]) as string[] });
    expect(check(lost, "majority")?.level).toBe("warn");
    await expect(stage.confirm(kept)).rejects.toMatchObject({ kind: "plan-changed" });
  },
);

test("of a stop that another console sent nobody knows what it takes down", async () => {
  await begin();
  const agent = agentOf("c1", at(0));
  const scope = { type: "SERVER" as const, target: [at(2)] };
  const { id } = await agent.stop({ scope, mode: "terminate", forcePassDag: [] });
  await until(async () => expect((await agent.dag(id)).state).toBe("FAILED"));
  const made = await plan("retry", id);
  expect(check(made, "majority")).toMatchObject({ level: "warn", message: "targets" });
  expect(made).toMatchObject({ tier: 3, tierReasons: expect.arrayContaining(["majority-unknown"]) as string[] });
});

test("once an agent of it was let go a stop is taken up no more: the others would kill, and the run fail", async () => {
  await begin();
  const runId = await failedFlush();
  const { subDags } = await agentOf("c1", at(0)).dag(runId);
  await agentOf("c1", at(5)).operateDag(subDags[at(5)] ?? "", "PASS");
  for (const action of ["retry", "skip"] as const)
    expect(check(await plan(action, runId), "run")).toMatchObject({ level: "block", message: "released" });
});

test("a plan reads the run with its logs once, however often it is looked at", async () => {
  await begin();
  const runId = await failedFlush();
  const path = `/api/v1/task/dag/${runId}`;
  const full = () => stage.simulator.requests.filter((request) => request.path === path).length;
  await plan("retry", runId);
  const before = full();
  for (let looks = 0; looks < 3; looks += 1) await plan("retry", runId);
  expect(full()).toBe(before);
});
