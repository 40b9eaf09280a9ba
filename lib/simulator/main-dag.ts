import { AgentError, failed, logLineOf, messageOf } from "./agent-error";
import type { Agent, World } from "./agent";
import type { Dag, MainRun, NodeAbilities, NodePlan, Step, StepRun } from "./dag";
import { CANCEL_ONLY, operateDag, RESUMABLE } from "./dag-operations";
import type { DagPlan } from "./dag-store";
import { parseGenericId } from "./generic-id";
import { minorFreeze, startZones, stopSql } from "./main-sql";
import { callPeer } from "./peer-call";
import { createSubDag } from "./sub-dag";

/** Source: OBShell agent source, executor/ob sub_dag.go. */
const CREATE_TRIES = 3;
const CREATE_PAUSE_MS = 3_000;
const POLLS = 900;
const POLL_MS = 1_000;

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
  const single = (name: string, step: Step, abilities: NodeAbilities = CANCEL_ONLY): NodePlan => ({
    name,
    abilities,
    steps: [{ agent: coordinator.address, step }],
  });
  const parallel = (name: string, stepFor: (agent: Agent) => Step, abilities = CANCEL_ONLY): NodePlan => ({
    name,
    abilities,
    steps: world.agents.map((agent) => ({ agent: agent.address, step: stepFor(agent) })),
  });
  const inform = run.action === "stop" ? "prepare to stop observer" : "start observer";
  const sql = single("Execute stop sql", orRelease(deal, stopSql(world, coordinator, run)), RESUMABLE);
  const freezeAbilities = { ...RESUMABLE, retry: true, rollback: true, pass: world.has("4.4.0.0") };
  const freeze = single("Minor freeze before stop server", minorFreeze(world, coordinator, run), freezeAbilities);
  const startZone = single("Start Zone", orRelease(deal, startZones(world, coordinator, run)), {
    ...RESUMABLE,
    retry: true,
  });
  return [
    parallel(`Inform all agents to ${inform}`, (agent) => informAgent(deal, agent)),
    single("Make sure all agents are ready", orRelease(deal, makeSureReady(deal))),
    ...(run.mode === "zone" ? [sql] : []),
    ...(run.freeze ? [freeze] : []),
    single("Advance agents to execute the task", orRelease(deal, advanceAgents(deal))),
    parallel("Wait for all agents to execute tasks successfully", (agent) => waitForAgent(deal, agent), RESUMABLE),
    ...(run.action === "stop" && run.mode === "stop" ? [sql] : []),
    ...(run.action === "start" && run.scope.type !== "SERVER" ? [startZone] : []),
    single("Inform all agents to end the task", endTask(deal)),
  ];
}

interface Deal {
  readonly world: World;
  readonly coordinator: Agent;
  readonly run: MainRun;
}

/** A step whose failure passes all sub DAGs, so that the agents' locks are released. */
const orRelease =
  (deal: Deal, step: Step): Step =>
  async (stepRun) => {
    try {
      await step(stepRun);
    } catch (error) {
      if (!stepRun.signal.aborted) await passAll(deal, stepRun);
      throw error;
    }
  };

/** Succeeds even when the agent refuses: the next stage finds out that a sub DAG is missing. */
const informAgent =
  (deal: Deal, agent: Agent): Step =>
  async ({ dagId, log, sleep, signal }) => {
    const { world, coordinator, run } = deal;
    log(`Inform ${agent.address} to create the task`);
    const order = { mainDagId: dagId, coordinator, run };
    const request = { method: "POST", path: `/rpc/v1/ob/${run.action}` } as const;
    const isLocal = agent === coordinator;
    for (let attempt = 1; attempt <= (isLocal ? 1 : CREATE_TRIES); attempt += 1) {
      try {
        const made = await callPeer(
          world,
          coordinator,
          agent,
          request,
          () => createSubDag(world, agent, order),
          signal,
        );
        run.subDags.set(agent.address, made);
        return log(`create task ${made.id} successfully`);
      } catch (error) {
        signal.throwIfAborted();
        const left = `${agent.address} failed to create the task due to '${remoteText(error)}' and will try again[${attempt}/${CREATE_TRIES}].`;
        log(isLocal ? logLineOf(error, world.has("4.3.1.0")) : `ERROR: ${left}`);
        if (!isLocal) await sleep(CREATE_PAUSE_MS);
      }
    }
  };

const remoteText = (error: unknown): string =>
  error instanceof AgentError ? `[${error.errCode}]: ${error.message}` : messageOf(error);

const makeSureReady =
  (deal: Deal): Step =>
  async (stepRun) => {
    const { log, sleep } = stepRun;
    const { run, world } = deal;
    const missing = world.agents.map((agent) => agent.address).filter((address) => !run.subDags.has(address));
    if (missing.length > 0)
      throw failed(
        "Task.SubDag.NotAllCreated",
        `check sub dag created failed: not all agents created: [${missing.join(" ")}]`,
      );
    log("All agents have created the tasks successfully");
    log("Check if all agents can be advanced");
    for (const [address, { id }] of run.subDags) {
      for (let poll = 0; ; poll += 1) {
        if (poll === POLLS)
          throw failed("Task.SubDag.NotAllReady", `check can advance sub dag failed: ${address} is not ready`);
        const sub = await readSubDag(deal, id, stepRun);
        if (sub?.state === "FAILED") break;
        log(`${address} is not ready`);
        await sleep(POLL_MS);
      }
      log(`${address} is ready`);
    }
  };

const advanceAgents =
  (deal: Deal): Step =>
  async (stepRun) => {
    const lost: string[] = [];
    for (const [address, { id }] of deal.run.subDags) {
      stepRun.log(`advance ${address} to execute the task`);
      if (!(await operateSubDag(deal, id, "RETRY", stepRun))) lost.push(address);
    }
    if (lost.length > 0) throw failed("Task.SubDag.NotAllAdvanced", `not all agents advanced: [${lost.join(" ")}]`);
  };

const waitForAgent =
  (deal: Deal, agent: Agent): Step =>
  async (stepRun) => {
    const { log, sleep } = stepRun;
    log("Wait for task to succeed");
    deal.world.enteredWait(deal.coordinator);
    const made = deal.run.subDags.get(agent.address);
    if (!made) return;
    for (let poll = 0; poll < POLLS; poll += 1) {
      const sub = await readSubDag(deal, made.id, stepRun);
      if (sub?.state === "FAILED") {
        copyLogs(sub, log);
        if (sub.stage !== made.goodStage) return;
        log(`${made.id} succeed`);
        deal.run.succeeded.add(agent.address);
        return;
      }
      if (sub?.state === "RUNNING" && poll === POLLS - 1) {
        log(`since ${made.id} is timeout, try to cancel it`);
        if (await operateSubDag(deal, made.id, "CANCEL", stepRun)) {
          log(`wait ${made.id} to be finished`);
          poll = POLLS / 2;
        }
      }
      await sleep(POLL_MS);
    }
  };

function copyLogs(sub: Dag, log: (line: string) => void): void {
  for (const node of sub.nodes)
    for (const subTask of node.subTasks) for (const line of subTask.logs) log(`${subTask.name}: ${line.text}`);
}

const endTask =
  (deal: Deal): Step =>
  async (stepRun) => {
    const { world, run } = deal;
    const lagging = world.agents.map((agent) => agent.address).filter((address) => !run.succeeded.has(address));
    for (const address of lagging) stepRun.log(`agent ${address} not succeed`);
    if (lagging.length === 0) stepRun.log("Check the final result: SUCCEED!");
    for (const { id } of run.subDags.values()) {
      const sub = await readSubDag(deal, id, stepRun);
      if (sub?.state === "RUNNING") await operateSubDag(deal, id, "CANCEL", stepRun);
    }
    const arePassed = await passAll(deal, stepRun);
    if (lagging.length > 0)
      throw failed(
        "Task.SubDag.NotAllSucceed",
        `check sub dag succeed failed: not all agents succeed: [${lagging.join(" ")}]`,
      );
    if (!arePassed) throw failed("Task.SubDag.NotAllPassed", "not all agents passed");
  };

async function passAll(deal: Deal, stepRun: StepRun): Promise<boolean> {
  let arePassed = true;
  for (const [address, { id }] of deal.run.subDags) {
    if (!(await operateSubDag(deal, id, "PASS", stepRun, `${address} failed to end the task : `))) arePassed = false;
    stepRun.log(`${address} end the task`);
  }
  return arePassed;
}

/** Reads another agent's sub DAG; a failure is logged and the poll goes on. */
async function readSubDag(deal: Deal, id: string, { log, signal }: StepRun): Promise<Dag | undefined> {
  try {
    return await atOwner(deal, id, "GET", (_agent, dag) => dag, signal);
  } catch (error) {
    signal.throwIfAborted();
    log(`WARN: ${messageOf(error)}`);
    return undefined;
  }
}

async function operateSubDag(
  deal: Deal,
  id: string,
  operator: "RETRY" | "CANCEL" | "PASS",
  { log, signal }: StepRun,
  prefix = "",
): Promise<boolean> {
  try {
    await atOwner(deal, id, "POST", (agent, dag) => operateDag(agent, dag, operator), signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    log(prefix === "" ? logLineOf(error, deal.world.has("4.3.1.0")) : `ERROR: ${prefix}${remoteText(error)}`);
    return false;
  }
}

function atOwner<T>(
  { world, coordinator }: Deal,
  id: string,
  method: "GET" | "POST",
  answer: (agent: Agent, dag: Dag) => T,
  signal: AbortSignal,
): Promise<T> {
  const { owner, localId } = parseGenericId(id);
  const agent = world.agent(owner ?? "");
  const dag = agent?.store.dag(localId);
  if (!agent || !dag) throw failed("Task.NotFound", `task not found: ${id}`);
  const request = { method, path: `/api/v1/task/dag/${id}` };
  return callPeer(world, coordinator, agent, request, () => answer(agent, dag), signal);
}
