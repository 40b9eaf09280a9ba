import { splitAddress } from "./address";
import type { TaskOwner, World } from "./agent";
import { stageCount, type Dag, type DagNode, type SubTask, type TaskStatus } from "./dag";
import { goTime } from "./go-json";

/** The wire shapes of DAGs, nodes and sub tasks. Source: OBShell agent source, engine/task dto. */
export function dagDto(world: World, owner: TaskOwner, dag: Dag, hasDetails: boolean): Record<string, unknown> {
  return {
    id: owner.idOf(dag.id),
    dag_id: dag.id,
    name: dag.name,
    stage: dag.stage,
    max_stage: stageCount(dag),
    ...(world.has("4.3.1.0") ? { maintenance_type: dag.maintenance, maintenance_key: "" } : {}),
    ...statusDto(dag),
    additional_data: hasDetails ? dagExtra(dag) : null,
    nodes: hasDetails ? dag.nodes.map((node) => nodeDto(owner, node, null)) : null,
  };
}

/** A node asked for by itself shows its own additional data; inside a DAG it shows null. */
export const ownNodeDto = (owner: TaskOwner, dag: Dag, node: DagNode): Record<string, unknown> =>
  nodeDto(owner, node, node === dag.nodes[0] ? dagExtra(dag) : null);

export function ownSubTaskDto(owner: TaskOwner, dag: Dag, node: DagNode, subTask: SubTask): Record<string, unknown> {
  const { work } = dag;
  const made = work.kind === "main" ? work.run.subDags.get(subTask.agent) : undefined;
  const own = made ? { sub_dags: { [subTask.agent]: made.id } } : dagExtra(dag);
  return subTaskDto(owner, subTask, node === dag.nodes[0] ? own : null);
}

function nodeDto(owner: TaskOwner, node: DagNode, extra: unknown): Record<string, unknown> {
  return {
    id: owner.idOf(node.id),
    node_id: node.id,
    name: node.name,
    ...statusDto(node),
    additional_data: extra,
    sub_tasks: node.subTasks.map((subTask) => subTaskDto(owner, subTask, null)),
  };
}

function subTaskDto(owner: TaskOwner, subTask: SubTask, extra: unknown): Record<string, unknown> {
  return {
    id: owner.idOf(subTask.id),
    task_id: subTask.id,
    name: subTask.name,
    ...statusDto(subTask),
    additional_data: extra,
    execute_times: subTask.executeTimes,
    execute_agent: splitAddress(subTask.agent),
    task_logs: subTask.logs.length > 0 && isBegun(subTask) ? subTask.logs.map((line) => line.text) : null,
  };
}

/** Lines of earlier times are not shown while a task waits for its next one. */
const isBegun = ({ state }: SubTask): boolean => state !== "PENDING" && state !== "READY";

export const logDtos = (subTask: SubTask): Record<string, unknown>[] =>
  subTask.logs.map((line) => ({
    id: line.id,
    sub_task_id: subTask.id,
    execute_times: line.executeTimes,
    log_content: line.text,
    is_sync: false,
    create_time: goTime(line.at),
    update_time: goTime(line.at),
  }));

function dagExtra({ work, nodes }: Dag): Record<string, unknown> | null {
  if (work.kind === "sub") return { main_dag_id: work.mainDagId };
  // A DAG of one node that has nothing to say says null. Source: OBShell protocol, additional_data.
  if (work.kind === "other") return nodes.length === 1 ? null : {};
  if (work.run.subDags.size === 0) return {};
  return { sub_dags: Object.fromEntries([...work.run.subDags].map(([address, { id }]) => [address, id])) };
}

const statusDto = (status: TaskStatus): Record<string, unknown> => ({
  state: status.state,
  operator: status.operator,
  start_time: goTime(status.startedAt),
  end_time: goTime(status.endedAt),
});
