import type { AgentError } from "./agent-error";
import { failed, logLineOf, taskNotFound, WaitsForOperator } from "./agent-error";
import type { Agent, World } from "./agent";
import { hasFailed, type MainRun, type NodePlan, type Step } from "./dag";
import { operateDag, PASSABLE, RETRYABLE } from "./dag-operations";
import type { DagPlan } from "./dag-store";
import { parseGenericId } from "./generic-id";
import { callPeer } from "./peer-call";

/** Source: OBShell agent source, executor/ob stop_obsvr.go and start_obsvr.go. */
const KILL_TRIES = 15;
const KILL_PAUSE_MS = 5_000;
const FORCE_PASS_POLLS = 300;
const DATABASE_POLLS = 600;
const SECOND_MS = 1_000;
/** Main stage from which a sub DAG may do its work. */
const EXPECTED_MAIN_STAGE = 3;

export interface SubDagOrder {
  readonly mainDagId: string;
  readonly coordinator: Agent;
  readonly run: MainRun;
}

/** What an agent does when a coordinator tells it to prepare: take the maintenance lock, or say who holds it. */
export async function createSubDag(
  world: World,
  agent: Agent,
  order: SubDagOrder,
): Promise<{ id: string; goodStage: number }> {
  await releaseLock(world, agent, order.run.forcePass);
  const dag = agent.store.create(subDagPlan(world, agent, order), agent.now());
  agent.scheduler.wake(dag);
  return { id: agent.idOf(dag.id), goodStage: dag.nodes.length };
}

export const subDagPlan = (world: World, agent: Agent, order: SubDagOrder): DagPlan => ({
  name: order.run.action === "stop" ? "Stop observer" : "Start observer",
  maintenance: 2,
  work: { kind: "sub", mainDagId: order.mainDagId, mainAgent: order.coordinator.address, run: order.run },
  nodes: nodesOf(world, agent, order),
});

async function releaseLock(world: World, agent: Agent, forcePass: readonly string[]): Promise<void> {
  const holder = agent.store.lockHolder();
  if (!holder) return;
  const mainDagId = holder.work.kind === "sub" ? holder.work.mainDagId : "";
  if (mainDagId === "" || !forcePass.includes(mainDagId)) throw underMaintenance(world, agent, mainDagId, holder.name);
  if (!hasFailed(holder)) {
    if (holder.operator !== "CANCEL") operateDag(agent, holder, "CANCEL");
    const sleep = world.timeline.pace(new AbortController().signal);
    for (let poll = 0; !hasFailed(holder); poll += 1) {
      if (poll === FORCE_PASS_POLLS)
        throw failed("Task.Dag.CancelTimeout", `Cancel ${holder.id} timeout after ${FORCE_PASS_POLLS} seconds`);
      await sleep(SECOND_MS);
    }
  }
  operateDag(agent, holder, "PASS");
}

/** The words in which the preceding main DAG's id travels changed in 4.3.1.0. */
function underMaintenance(world: World, agent: Agent, mainDagId: string, name: string): AgentError {
  const text = world.has("4.3.1.0")
    ? `${agent.address} is under maintenance by DAG [${mainDagId}:${name}]`
    : `agent ${agent.address} is under maintenance${mainDagId === "" ? "" : `, dag id: ${mainDagId}`}`;
  return failed("Agent.UnderMaintenanceDag", text);
}

function nodesOf(world: World, agent: Agent, order: SubDagOrder): NodePlan[] {
  const { run } = order;
  const one = (name: string, step: Step, abilities = PASSABLE): NodePlan => ({
    name,
    abilities,
    steps: [{ agent: agent.address, step }],
  });
  const prepare = one("Start preparations", startPreparations(world, agent, order), RETRYABLE);
  const wait = one("Wait for task to end", async () => {
    throw new WaitsForOperator();
  });
  const isTarget = run.targets.has(agent.address) && (run.action === "start" || run.mode !== "stop");
  if (!isTarget) return [prepare, wait];
  if (run.action === "stop") return [prepare, one("Stop observer", stopObserver(world, agent), RETRYABLE), wait];
  return [
    prepare,
    one("Check ob process and config", checkProcess(world, agent)),
    one("Start observer", startObserver(world, agent), { ...RETRYABLE, rollback: true }),
    one("Execute start observer sql", startServerSql(world, agent)),
    wait,
  ];
}

const startPreparations =
  (world: World, agent: Agent, { mainDagId, coordinator }: SubDagOrder): Step =>
  async ({ log, sleep, signal }) => {
    const path = `/api/v1/task/dag/${mainDagId}`;
    const { localId } = parseGenericId(mainDagId);
    const readStage = (): number => {
      const main = coordinator.store.dag(localId);
      if (!main) throw taskNotFound();
      return main.stage;
    };
    while (world.faults.has(agent.address, "never-waiting")) await sleep(SECOND_MS);
    try {
      const stage = await callPeer(world, agent, coordinator, { method: "GET", path }, readStage, signal);
      if (stage >= EXPECTED_MAIN_STAGE) return log("start to execute the task");
    } catch (error) {
      signal.throwIfAborted();
      log(logLineOf(error, world.has("4.3.1.0")));
    }
    log("wait for notification to start task");
    throw new WaitsForOperator();
  };

const stopObserver =
  (world: World, agent: Agent): Step =>
  async ({ log, sleep }) => {
    log("Get observer Pid");
    const server = world.database.server(agent.address);
    if (!server?.isRunning) return log("Observer is not running");
    for (let attempt = 0; attempt < KILL_TRIES; attempt += 1) {
      log(`Kill observer process ${observerPid(agent)}`);
      while (world.faults.has(agent.address, "kill-slow")) await sleep(SECOND_MS);
      if (!world.faults.has(agent.address, "kill-failure")) world.database.kill(agent.address);
      await sleep(KILL_PAUSE_MS);
      log("Check observer process");
      if (!server.isRunning) return log("Successfully killed the observer process");
    }
    throw failed("OB.Cluster.AsyncOperationTimeout", "kill observer process timeout");
  };

const FIRST_OBSERVER_PID = 10_000;
const observerPid = (agent: Agent): number => FIRST_OBSERVER_PID + agent.index;

const checkProcess =
  (world: World, agent: Agent): Step =>
  async ({ log }) => {
    log("check if first start");
    log("check observer process config");
    if (world.database.server(agent.address)?.isRunning) log("observer process exist");
  };

const startObserver =
  (world: World, agent: Agent): Step =>
  async ({ log, sleep }) => {
    if (world.database.server(agent.address)?.isRunning) return log("observer started.");
    log("start observer");
    log("check if first start");
    log("not first start, skip require check");
    log("generate start cmd");
    const home = homeOf(agent);
    log(`start cmd: export LD_LIBRARY_PATH='${home}/lib'; ${home}/bin/observer   `);
    await sleep(SECOND_MS);
    if (world.faults.has(agent.address, "start-failure"))
      throw failed("Common.Unexpected", `start observer failed: exit status 1, see ${home}/log/observer.log`);
    world.database.boot(agent.address);
    log("update self OB port");
    log("update OB port in all_agent");
  };

export const homeOf = (agent: Agent): string => `/home/admin/oceanbase/${agent.port}`;

const startServerSql =
  (world: World, agent: Agent): Step =>
  async ({ log, sleep }) => {
    log("exec start server sql");
    await waitForDatabase(world, agent, sleep);
    world.database.startServer(agent.address, agent.address);
  };

/** Up to about 600 s for a usable connection. Source: OBShell agent source, getOceanbaseInstance. */
export async function waitForDatabase(world: World, agent: Agent, sleep: (ms: number) => Promise<void>): Promise<void> {
  for (let poll = 0; poll < DATABASE_POLLS; poll += 1) {
    if (world.database.stateAt(agent.address) === 3) return;
    await sleep(SECOND_MS);
  }
  throw failed("Agent.OceanBase.Useless", "get db instance timeout: The current database is useless");
}
