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
  /** Everything is gone; what is made later gets new ids, or those that were in use before. */
  forget(ids: "continue" | "restart"): void;
}

export interface DagPlan {
  readonly name: string;
  readonly maintenance: Maintenance;
  readonly work: DagWork;
  readonly nodes: readonly NodePlan[];
}

export function createDagStore(): DagStore {
  const dags = new Map<number, Dag>();
  const nodes = new Map<number, { dag: Dag; node: DagNode }>();
  const subTasks = new Map<number, { dag: Dag; node: DagNode; subTask: SubTask }>();
  let last = { dag: 0, node: 0, subTask: 0, log: 0 };

  const buildNode = (plan: NodePlan, fresh: Fresh): DagNode => ({
    id: (last.node += 1),
    name: plan.name,
    abilities: plan.abilities,
    moment: plan.moment ?? null,
    ...fresh,
    subTasks: plan.steps.map(({ agent, step }) => ({
      id: (last.subTask += 1),
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
    const built = plan.nodes.map((nodePlan) => buildNode(nodePlan, fresh));
    const { name, maintenance, work } = plan;
    const id = (last.dag += 1);
    const dag: Dag = { id, name, maintenance, work, stage: 1, ...fresh, state: "READY", nodes: built };
    dags.set(id, dag);
    for (const node of built) {
      nodes.set(node.id, { dag, node });
      for (const subTask of node.subTasks) subTasks.set(subTask.id, { dag, node, subTask });
    }
    return dag;
  };

  const lastMaintenance = (): Dag | undefined => [...dags.values()].findLast((dag) => dag.maintenance === 2);
  return {
    create,
    dag: (id) => dags.get(id),
    node: (id) => nodes.get(id),
    subTask: (id) => subTasks.get(id),
    all: () => [...dags.values()],
    lastMaintenance,
    lockHolder: () => {
      const last = lastMaintenance();
      return last && last.state !== "SUCCEED" ? last : undefined;
    },
    nextLogId: () => (last.log += 1),
    forget(ids) {
      for (const table of [dags, nodes, subTasks]) table.clear();
      if (ids === "restart") last = { dag: 0, node: 0, subTask: 0, log: 0 };
    },
  };
}

type Fresh = Pick<Dag, "state" | "operator" | "startedAt" | "endedAt">;
