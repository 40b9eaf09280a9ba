import type { Dag, DagNode, DagWork, Maintenance, NodePlan, SubTask } from "./dag";

/** One agent's own task store; ids count per agent, as they do in its SQLite file. */
export interface DagStore {
  create(plan: DagPlan, now: number): Dag;
  dag(id: number): Dag | undefined;
  node(id: number): { dag: Dag; node: DagNode } | undefined;
  subTask(id: number): { dag: Dag; node: DagNode; subTask: SubTask } | undefined;
  all(): readonly Dag[];
  /** The newest DAG that holds or held the maintenance lock, finished or not. */
  lastMaintenance(): Dag | undefined;
  /** The DAG that holds the lock now. */
  lockHolder(): Dag | undefined;
  nextLogId(): number;
}

export interface DagPlan {
  readonly name: string;
  readonly maintenance: Maintenance;
  readonly work: DagWork;
  readonly nodes: readonly NodePlan[];
}

export function createDagStore(): DagStore {
  const dags: Dag[] = [];
  const nodes: { dag: Dag; node: DagNode }[] = [];
  const subTasks: { dag: Dag; node: DagNode; subTask: SubTask }[] = [];
  let logId = 0;

  const buildNode = (plan: NodePlan, fresh: Fresh, ids: { node: number; subTask: number }): DagNode => ({
    id: ids.node,
    name: plan.name,
    abilities: plan.abilities,
    ...fresh,
    subTasks: plan.steps.map(({ agent, step }, at) => ({
      id: ids.subTask + at,
      name: plan.name,
      agent,
      step,
      executeTimes: 0,
      logs: [],
      abort: null,
      ...fresh,
    })),
  });

  const create = (plan: DagPlan, now: number): Dag => {
    const fresh: Fresh = { state: "PENDING", operator: "RUN", startedAt: now, endedAt: now };
    let subTaskId = subTasks.length + 1;
    const built = plan.nodes.map((nodePlan, at) => {
      const node = buildNode(nodePlan, fresh, { node: nodes.length + 1 + at, subTask: subTaskId });
      subTaskId += node.subTasks.length;
      return node;
    });
    const { name, maintenance, work } = plan;
    const dag: Dag = { id: dags.length + 1, name, maintenance, work, stage: 1, ...fresh, state: "READY", nodes: built };
    dags.push(dag);
    for (const node of built) {
      nodes.push({ dag, node });
      for (const subTask of node.subTasks) subTasks.push({ dag, node, subTask });
    }
    return dag;
  };

  const lastMaintenance = (): Dag | undefined => dags.findLast((dag) => dag.maintenance === 2);
  return {
    create,
    dag: (id) => dags[id - 1],
    node: (id) => nodes[id - 1],
    subTask: (id) => subTasks[id - 1],
    all: () => dags,
    lastMaintenance,
    lockHolder: () => {
      const last = lastMaintenance();
      return last && last.state !== "SUCCEED" ? last : undefined;
    },
    nextLogId: () => (logId += 1),
  };
}

type Fresh = Pick<Dag, "state" | "operator" | "startedAt" | "endedAt">;
