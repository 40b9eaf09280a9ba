import type { Agent, World } from "./agent";
import type { Dag, NodeAbilities } from "./dag";
import type { DagPlan } from "./dag-store";
import type { Fault, FaultKind } from "./fault";

type Event = Extract<Fault, { kind: "key-change" | "agent-restart" | "store-lost" }>;

/** Faults that happen once, when they are set. */
export const isEvent = (fault: Fault): fault is Event =>
  fault.kind === "key-change" || fault.kind === "agent-restart" || fault.kind === "store-lost";

export function strike(agent: Agent, fault: Event, cut: (agent: Agent) => void): void {
  if (fault.kind === "key-change") return agent.changeKey();
  agent.die();
  cut(agent);
  if (fault.kind === "store-lost") {
    agent.scheduler.forget();
    agent.store.forget(fault.ids ?? "continue");
  }
  agent.live();
  // Whose ids begin anew was installed anew, and has joined again.
  if (fault.kind === "store-lost" && fault.ids === "restart") rememberJoining(agent, agent.now());
}

/** Faults that the state of processes and stores must follow. */
export const LASTING: ReadonlySet<FaultKind> = new Set(["agent-down", "foreign-lock", "cluster-task"]);

/** Brings the agents' processes and their stores in line with the faults that are set. */
export function settleFaults(world: World, cut: (agent: Agent) => void): void {
  for (const agent of world.agents) {
    if (world.faults.has(agent.address, "agent-down")) {
      agent.die();
      cut(agent);
    } else agent.live();
    settleForeignLock(world, agent);
  }
  settleClusterTask(world);
}

const NOTHING_ALLOWED: NodeAbilities = { cancel: false, retry: false, rollback: false, pass: false, resume: true };

function settleForeignLock({ faults }: World, agent: Agent): void {
  const fault = faults.find(agent.address, "foreign-lock");
  const holder = agent.store.lockHolder();
  const isHeld = holder?.work.kind === "other";
  if (fault && !holder) begin(agent.store.create(taskOf(fault.name ?? "Upgrade agent", agent), agent.now()), "RUNNING");
  else if (fault && !isHeld) throw new Error(`the lock of ${agent.address} is already held by ${holder?.name}`);
  else if (!fault && isHeld) finish(holder, agent.now());
}

/** Scaling and upgrading are tasks of the database. They do not touch the agents' own locks. */
function settleClusterTask({ faults, agents, clusterTasks }: World): void {
  const [first] = agents;
  if (!first) return;
  const fault = faults.find("*", "cluster-task");
  const last = clusterTasks.store.lastMaintenance();
  const isOn = last !== undefined && last.state !== "SUCCEED";
  if (fault && !isOn) {
    const plan = taskOf(fault.name ?? "Scale out", first, "Integrate observer config");
    begin(clusterTasks.store.create(plan, first.now()), fault.state ?? "RUNNING");
  } else if (!fault && isOn) finish(last, first.now());
}

/** How each agent came into the cluster: its store is never empty, and its last maintenance is never unknown. */
export function rememberJoining(agent: Agent, at: number): void {
  const [name, ...more] =
    agent.index === 0
      ? ["Take over", "Convert master to cluster agent", "Synchronize agent from cluster"]
      : ["Synchronize agent from cluster"];
  const dag = agent.store.create(taskOf(name ?? "", agent, ...more), at);
  finish(dag, at);
  for (const status of [dag, ...dag.nodes.flatMap((node) => [node, ...node.subTasks])]) status.startedAt = at;
  for (const subTask of dag.nodes.flatMap((node) => node.subTasks)) subTask.executeTimes = 1;
}

/** A task about which a stop or start knows nothing but that it is there. */
const taskOf = (name: string, agent: Agent, ...more: string[]): DagPlan => ({
  name,
  maintenance: 2,
  work: { kind: "other" },
  nodes: [name, ...more].map((nodeName) => ({
    name: nodeName,
    abilities: NOTHING_ALLOWED,
    steps: [{ agent: agent.address, step: () => Promise.resolve() }],
  })),
});

function begin(dag: Dag, state: "RUNNING" | "FAILED"): void {
  const [node] = dag.nodes;
  for (const status of [dag, ...(node ? [node, ...node.subTasks] : [])]) status.state = state;
}

function finish(dag: Dag, now: number): void {
  dag.stage = dag.nodes.length;
  for (const status of [dag, ...dag.nodes.flatMap((node) => [node, ...node.subTasks])])
    Object.assign(status, { state: "SUCCEED", endedAt: now });
}
