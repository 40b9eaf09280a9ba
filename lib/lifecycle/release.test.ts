import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import type { Simulator, SimulatorOptions } from "../simulator/cluster";
import { readSend } from "./execute";
import { makePlan } from "./plans";
import type { Method, PartResult, Plan } from "./schema";
import { startStage, type Stage } from "./testing/stage";
import { watchIntents } from "./watch-intents";

vi.setConfig({ testTimeout: 90_000 });

/** What a failed run leaves locked (protocol §7.4) is named, released agent by agent, and the next stop goes through. */
let stage: Stage;
const begin = async (options: Partial<SimulatorOptions> = {}) => {
  stage = await startStage("sqlite", { timeScale: 2_000, ...options });
  watchIntents();
};
afterEach(() => stage.end());

const at = (index: number) => stage.simulator.agents[index]?.address ?? "";
const plan = (runIds: string[], agents: string[] | null = null) =>
  makePlan({ action: "release", clusterId: "c1", runIds, agents }, stage.person);

async function endedRun(method: Method): Promise<string> {
  const agent = agentOf("c1", at(0));
  const scope = { type: "SERVER" as const, target: [at(4)] };
  const { id } = await agent.stop({ scope, mode: method, forcePassDag: [] });
  for (;;) {
    const { state } = await agent.dag(id, { details: false });
    if (state === "FAILED" || state === "SUCCEED") return id;
    await sleep(30);
  }
}

async function finish(made: Plan): Promise<PartResult[]> {
  expect((await stage.confirm(made)).state).toBe("operating");
  for (;;) {
    const send = await readSend("c1", made.id);
    if (send.state === "operating" && send.isOver) return send.parts;
    await sleep(50);
  }
}

/** As soon as the console has seen the cluster as it is now. */
const look = () => readTopology("c1", { maxAgeMs: 0 });
const words = (parts: readonly PartResult[]) => [...new Set(parts.map(({ result }) => result))].toSorted();

const CAUSES: Record<string, { method: Method; locks: number; make: (simulator: Simulator) => void }> = {
  "the flush was refused": {
    ...{ method: "terminate", locks: 9 },
    make: (simulator) => simulator.setFault(at(4), { kind: "freeze-error" }),
  },
  "the flush came to no end": {
    ...{ method: "terminate", locks: 9 },
    make: (simulator) => simulator.setFault(at(4), { kind: "freeze-timeout" }),
  },
  "an advance was lost": {
    ...{ method: "force", locks: 8 },
    make: (simulator) => simulator.setFault(at(8), { kind: "rpc-lost", call: "advance" }),
  },
  "the coordinator restarted before the agents began": {
    ...{ method: "force", locks: 9 },
    make: (simulator) => simulator.when({ stage: "ready" }, () => simulator.setFault(at(0), { kind: "agent-restart" })),
  },
  "the last word to an agent was lost": {
    ...{ method: "force", locks: 1 },
    make: (simulator) => simulator.setFault(at(8), { kind: "rpc-lost", call: "end" }),
  },
  "an agent did not come to wait": {
    ...{ method: "force", locks: 1 },
    make: (simulator) => simulator.setFault(at(8), { kind: "never-waiting" }),
  },
};

test.each(Object.keys(CAUSES))("%s: what is left is released, and the next stop goes through", async (name) => {
  const cause = CAUSES[name];
  if (!cause) throw new Error(name);
  await begin();
  cause.make(stage.simulator);
  const runId = await endedRun(cause.method);
  await vi.waitFor(() => expect(stage.simulator.locks()).toHaveLength(cause.locks), { timeout: 10_000 });
  await sleep(300); // parts that go on by themselves come to their end
  stage.simulator.clearFaults();
  await look();

  const next = await stage.plan([at(1)], "force");
  expect(next.blockers).toMatchObject([{ id: runId, work: "over", releasable: true, chosen: false }]);
  expect(next.blockers[0]?.agents.toSorted()).toEqual(
    stage.simulator
      .locks()
      .map(({ address }) => address)
      .toSorted(),
  );
  await expect(stage.confirm(next)).rejects.toMatchObject({ kind: "plan-blocked" });

  const made = await plan([runId, runId]); // picked twice, it is released once
  expect(made.parts.map(({ agent }) => agent).toSorted()).toEqual(next.blockers[0]?.agents.toSorted());
  expect(words(await finish(made))).toEqual(["done"]);
  expect(stage.simulator.locks()).toEqual([]);
  await look();
  expect((await plan([runId])).checks.find(({ id }) => id === "run")).toMatchObject({ message: "nothing-held" });
  const free = await stage.plan([at(1)], "force");
  expect(free.blockers).toEqual([]);
  expect(await stage.confirm(free)).toMatchObject({ state: "accepted" });
});

test("an agent that is away keeps its lock, is told apart, and is released when it is back", async () => {
  await begin();
  stage.simulator.setFault(at(4), { kind: "freeze-error" });
  const runId = await endedRun("terminate");
  stage.simulator.setFault(at(8), { kind: "agent-down" });
  const topology = await look();
  expect(topology.notAsked).toEqual([at(8)]);
  const made = await plan([runId]);
  expect(made.notAsked).toEqual([at(8)]);
  expect(made.parts).toHaveLength(8);
  stage.simulator.setFault(at(7), { kind: "lose-answer" }); // and the answer of one more does not arrive
  const sent = await finish(made);
  expect(words(sent)).toEqual(["done", "silent"]);
  expect(sent.filter(({ result }) => result === "silent").map(({ agent }) => agent)).toEqual([at(7)]);
  stage.simulator.clearFaults();
  await look();
  const rest = await plan([runId], [at(7), at(8)]);
  expect(rest.parts.map(({ agent }) => agent)).toEqual([at(8)]);
  expect(words(await finish(rest))).toEqual(["done"]);
  expect(stage.simulator.locks()).toEqual([]);
});

test("a stop that releases a leftover carries exactly the ticked ids, and releases the agents of that run alone", async () => {
  await begin();
  stage.simulator.setFault(at(8), { kind: "rpc-lost", call: "end" });
  const first = await endedRun("force");
  stage.simulator.setFault(at(8), { kind: "rpc-lost", call: "end" }, false);
  await look();
  const made = await stage.plan([at(1)], "force", { releases: [first] });
  expect(made.tierReasons).toContain("warning-overridden");
  expect(await stage.confirm(made)).toMatchObject({ state: "accepted" });
  expect(stage.writes().at(-1)?.body).toMatchObject({ forcePassDag: { id: [first] } });
});

test("a lock of something that is no stop and no start is named, blocks, and can neither be ticked nor released", async () => {
  await begin();
  stage.simulator.setFault(at(8), { kind: "foreign-lock", name: "Upgrade agent" });
  await look();
  const made = await stage.plan([at(1)], "force");
  const [foreign] = made.blockers;
  expect(foreign).toMatchObject({ releasable: false, agents: [at(8)] });
  const ticked = await stage.plan([at(1)], "force", { releases: [foreign?.id ?? ""] });
  expect(ticked.blockers).toMatchObject([{ chosen: false }]);
  expect(ticked.checks.find(({ id }) => id === "nobody-else")).toMatchObject({ level: "block", message: "foreign" });
  await expect(stage.confirm(ticked)).rejects.toMatchObject({ kind: "plan-blocked" });
  const release = await plan([foreign?.id ?? ""]);
  expect(release.checks.find(({ id }) => id === "run")).toMatchObject({ level: "block" });
});
