import type { Agent, World } from "./agent";
import type { Dag, MainRun, Moment, NodeAbilities, NodePlan, Step } from "./dag";
import { CANCEL_ONLY, RESUMABLE } from "./dag-operations";
import type { DagPlan } from "./dag-store";
import { minorFreeze, startZones, stopSql } from "./main-sql";
import { advanceAgents, endTask, informAgent, makeSureReady, orRelease, waitForAgent } from "./main-steps";

/** Creates the coordinator's DAG of a start or stop. Every agent of the cluster takes part, whatever the scope. */
export function createMainDag(world: World, coordinator: Agent, run: MainRun): Dag {
  const dag = coordinator.store.create(mainDagPlan(world, coordinator, run), coordinator.now());
  coordinator.scheduler.wake(dag);
  return dag;
}

export const mainDagPlan = (world: World, coordinator: Agent, run: MainRun): DagPlan => ({
  name: run.action === "stop" ? "Stop OB" : "Start OB",
  maintenance: 1,
  work: { kind: "main", run },
  nodes: mainNodes(world, coordinator, run),
});

function mainNodes(world: World, coordinator: Agent, run: MainRun): NodePlan[] {
  const deal = { world, coordinator, run };
  const single = (moment: Moment, name: string, step: Step, abilities: NodeAbilities = CANCEL_ONLY): NodePlan => ({
    name,
    moment,
    abilities,
    steps: [{ agent: coordinator.address, step }],
  });
  const parallel = (
    moment: Moment,
    name: string,
    stepFor: (agent: Agent) => Step,
    abilities = CANCEL_ONLY,
  ): NodePlan => ({
    name,
    moment,
    abilities,
    steps: world.agents.map((agent) => ({ agent: agent.address, step: stepFor(agent) })),
  });
  const inform = run.action === "stop" ? "prepare to stop observer" : "start observer";
  const sql = single("sql", "Execute stop sql", orRelease(deal, stopSql(world, coordinator, run)), RESUMABLE);
  const freezeAbilities = { ...RESUMABLE, retry: true, rollback: true, pass: world.has("4.4.0.0") };
  const freeze = single(
    "freeze",
    "Minor freeze before stop server",
    minorFreeze(world, coordinator, run),
    freezeAbilities,
  );
  const startZone = single("zone", "Start Zone", orRelease(deal, startZones(world, coordinator, run)), {
    ...RESUMABLE,
    retry: true,
  });
  return [
    parallel("create", `Inform all agents to ${inform}`, (agent) => informAgent(deal, agent)),
    single("ready", "Make sure all agents are ready", orRelease(deal, makeSureReady(deal))),
    ...(run.mode === "zone" ? [sql] : []),
    ...(run.freeze ? [freeze] : []),
    single("advance", "Advance agents to execute the task", orRelease(deal, advanceAgents(deal))),
    parallel(
      "wait",
      "Wait for all agents to execute tasks successfully",
      (agent) => waitForAgent(deal, agent),
      RESUMABLE,
    ),
    ...(run.action === "stop" && run.mode === "stop" ? [sql] : []),
    ...(run.action === "start" && run.scope.type !== "SERVER" ? [startZone] : []),
    single("end", "Inform all agents to end the task", endTask(deal)),
  ];
}
