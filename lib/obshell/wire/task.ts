import { z } from "zod";
import { dagSchema, nodeSchema, subTaskSchema, taskOperator, taskState, type TaskState } from "../schema";
import { formatAddress } from "../../address";
import { contentsOf } from "./envelope";
import { wireTime } from "./time";

const text = z.string().catch("");
const count = z.number().catch(0);

const wireStatus = {
  state: taskState.catch("UNKNOWN"),
  operator: taskOperator.catch("UNKNOWN"),
  start_time: wireTime,
  end_time: wireTime,
};

interface WireTimes {
  state: TaskState;
  start_time: string | null;
  end_time: string | null;
}

/** Before the end, `end_time` repeats the creation time or the start. Source: OBShell protocol §6.1. */
const times = ({ state, start_time, end_time }: WireTimes) => ({
  startedAt: start_time,
  endedAt: state === "FAILED" || state === "SUCCEED" ? end_time : null,
});

const addressOf = (agent: { ip: string; port: number } | null | undefined): string | null =>
  agent?.ip ? formatAddress(agent.ip, agent.port) : null;

export const subTaskFromWire = z
  .object({
    id: z.string(),
    name: text,
    ...wireStatus,
    execute_times: count,
    execute_agent: z.object({ ip: text, port: count }).nullish().catch(null),
    task_logs: z.array(z.string()).nullish().catch(null),
  })
  .transform((task) => ({
    id: task.id,
    name: task.name,
    state: task.state,
    operator: task.operator,
    ...times(task),
    executeTimes: task.execute_times,
    agent: addressOf(task.execute_agent),
    logs: task.task_logs ?? [],
  }))
  .pipe(subTaskSchema);

export const nodeFromWire = z
  .object({ id: z.string(), name: text, ...wireStatus, sub_tasks: z.array(subTaskFromWire).nullish() })
  .transform((node) => ({
    id: node.id,
    name: node.name,
    state: node.state,
    operator: node.operator,
    ...times(node),
    subTasks: node.sub_tasks ?? [],
  }))
  .pipe(nodeSchema);

/** A main DAG names its sub DAGs, a sub DAG its main DAG; only answers with details carry either. */
const additionalData = z
  .object({
    sub_dags: z.record(z.string(), z.string()).nullish().catch(null),
    main_dag_id: z.string().nullish().catch(null),
  })
  .nullish()
  .catch(null);

export const dagFromWire = z
  .object({
    id: z.string(),
    name: text,
    ...wireStatus,
    stage: count,
    max_stage: count,
    additional_data: additionalData,
    nodes: z.array(nodeFromWire).nullish(),
  })
  .transform((dag) => ({
    id: dag.id,
    name: dag.name,
    state: dag.state,
    operator: dag.operator,
    ...times(dag),
    stage: dag.stage,
    maxStage: dag.max_stage,
    subDags: dag.additional_data?.sub_dags ?? {},
    mainDagId: dag.additional_data?.main_dag_id || null,
    nodes: dag.nodes ?? [],
  }))
  .pipe(dagSchema);

export const dagsFromWire = contentsOf(dagFromWire);
