import { failed, logLineOf, messageOf } from "./agent-error";
import type { Agent } from "./agent";
import type { Dag, Step } from "./dag";
import { parseGenericId } from "./generic-id";
import { callPeer } from "./peer-call";
import { createSubDag } from "./sub-dag";
import { operateSubDag, ownErrorLine, passAll, readSubDag, type Deal } from "./sub-dag-calls";

/** Source: OBShell agent source, executor/ob sub_dag.go. */
const CREATE_TRIES = 3;
const CREATE_PAUSE_MS = 3_000;
const POLLS = 900;
const POLL_MS = 1_000;

/** A step whose failure passes all sub DAGs, so that the agents' locks are released. */
export const orRelease =
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
export const informAgent =
  (deal: Deal, agent: Agent): Step =>
  async ({ dagId, log, sleep, signal }) => {
    const { world, coordinator, run } = deal;
    log(`Inform ${agent.address} to create the task`);
    const order = { mainDagId: dagId, coordinator, run };
    const request = { method: "POST", path: `/rpc/v1/ob/${run.action}`, call: "create" } as const;
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
        const left = `${agent.address} failed to create the task due to '${messageOf(error)}' and will try again[${attempt}/${CREATE_TRIES}].`;
        log(isLocal ? logLineOf(error, world.has("4.3.1.0")) : ownErrorLine(world, left));
        if (!isLocal) await sleep(CREATE_PAUSE_MS);
      }
    }
  };

export const makeSureReady =
  (deal: Deal): Step =>
  async (stepRun) => {
    const { log, sleep } = stepRun;
    const { run, world } = deal;
    const missing = world.agents.map((agent) => agent.address).filter((address) => !run.subDags.has(address));
    if (missing.length > 0) {
      await othersSettle(deal, isGoing);
      throw failed(
        "Task.SubDag.NotAllCreated",
        `check sub dag created failed: Sub DAG of agents: [${missing.join(" ")}] not created, main DAG failed`,
      );
    }
    log("All agents have created the tasks successfully");
    log("Check if all agents can be advanced");
    for (const [address, { id }] of inNoOrder(run.subDags)) {
      for (let poll = 0; ; poll += 1) {
        if (poll === POLLS)
          throw failed(
            "Task.SubDag.NotAllReady",
            `check can advance sub dag failed: Sub DAG of agents: ${address} not ready, cannot advance main DAG`,
          );
        const sub = await readSubDag(deal, id, stepRun, (error) => logLineOf(error, world.has("4.3.1.0")));
        if (sub?.state === "FAILED") break;
        log(`${address} is not ready`);
        await sleep(POLL_MS);
      }
      log(`${address} is ready`);
    }
  };

/** A Go map is walked in another order each time: here the one that was last comes first. */
const inNoOrder = <K, V>(map: ReadonlyMap<K, V>): [K, V][] => [...map].reverse();

const SETTLE_TRIES = 25;
const SETTLE_REAL_MS = 2;

/**
 * At an agent's own pace the parts have come so far by now: those that were made are waiting, and can be passed; those
 * that were told to go on have looked at the coordinator's stage. Where time runs so fast that timers come late, they
 * are given that long.
 */
async function othersSettle({ world, run }: Deal, isOnItsWay: (sub: Dag) => boolean): Promise<void> {
  const isLate = ([address, { id }]: [string, { id: string }]): boolean => {
    const sub = world.agent(address)?.store.dag(parseGenericId(id).localId);
    const hangs = (["never-waiting", "agent-down", "observer-frozen"] as const).some((kind) =>
      world.faults.has(address, kind),
    );
    return sub !== undefined && !hangs && isOnItsWay(sub);
  };
  for (let tries = 0; tries < SETTLE_TRIES && [...run.subDags].some(isLate); tries += 1)
    await world.timeline.sleep(SETTLE_REAL_MS * world.timeline.scale);
}

const isGoing = ({ state }: Dag): boolean => state === "READY" || state === "RUNNING";

export const advanceAgents =
  (deal: Deal): Step =>
  async (stepRun) => {
    const lost: string[] = [];
    for (const [address, { id }] of deal.run.subDags) {
      stepRun.log(`advance ${address} to execute the task`);
      if (!(await operateSubDag(deal, id, "RETRY", stepRun))) lost.push(address);
    }
    if (lost.length > 0)
      throw failed(
        "Task.SubDag.NotAllAdvanced",
        `Sub DAG of agents: [${lost.join(" ")}] not advanced, main DAG failed`,
      );
    await othersSettle(deal, (sub) => isGoing(sub) && sub.stage === 1);
  };

export const waitForAgent =
  (deal: Deal, agent: Agent): Step =>
  async (stepRun) => {
    const { log, sleep } = stepRun;
    log("Wait for task to succeed");
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
        log(`WARN: since ${made.id} is timeout, try to cancel it`);
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

export const endTask =
  (deal: Deal): Step =>
  async (stepRun) => {
    const { world, run } = deal;
    const lagging = world.agents.map((agent) => agent.address).filter((address) => !run.succeeded.has(address));
    for (const address of lagging) stepRun.log(ownErrorLine(world, `agent ${address} not succeed`));
    if (lagging.length === 0) {
      stepRun.log("Check the final result: SUCCEED!");
      stepRun.log("End all tasks");
    }
    for (const { id } of run.subDags.values()) {
      const sub = await readSubDag(deal, id, stepRun);
      if (sub?.state === "RUNNING") await operateSubDag(deal, id, "CANCEL", stepRun);
    }
    const arePassed = await passAll(deal, stepRun);
    if (lagging.length > 0)
      throw failed(
        "Task.SubDag.NotAllSucceed",
        `check sub dag succeed failed: Sub DAG of agents: [${lagging.join(" ")}] failed, main DAG failed`,
      );
    if (!arePassed) throw failed("Task.SubDag.NotAllPassed", "Not all sub DAGs passed, main DAG failed");
  };
