import type { Dag, DagNode, SubTask } from "../obshell/schema";
import { readBlockers } from "../obshell/wire/blockers";
import { kindOfErrCode, readLogError } from "../obshell/wire/errors";
import { causeOfFailure, causeOfRefusal, causeOfShortfall, notReleased } from "./cause";
import { isParallel, stageKeyOf, wasCancelled } from "./engine-words";
import type { Run } from "./schema";
import { addressesIn, lastError, stepErrors, type failedAgents } from "./task-evidence";

type Problem = Run["problems"][number];

/** Shown for an error that has no code we know; the agent's own words stand below it. */
const OTHER = "other";

/**
 * What went wrong, worst first: the engine's own error, then why each agent or server was left out, one entry per
 * reason. The successful first stage often holds the true reason, so its logs are read as well (protocol §7.5).
 */
export function problemsOf(dag: Dag, failed: ReturnType<typeof failedAgents>): Problem[] {
  // Also of a cancelled run: what failed before the cancel came has failed.
  const failing = dag.state === "FAILED" ? dag.nodes[dag.stage - 1] : undefined;
  const own = failing ? failing.subTasks.flatMap((task) => failureOf(dag, task, failing)) : [];
  const reasons = dag.nodes.flatMap((node, at) => {
    const key = stageKeyOf(node.name);
    const stage = at + 1;
    return node.subTasks.flatMap((task): Problem[] => {
      if (node === failing && task.state === "FAILED") return [];
      if (key === "prepare" && task.agent !== null && failed.notCreated.has(task.agent))
        return refusalOf(dag, task, stage);
      if (key === "wait" && task.agent !== null && failed.notDone.has(task.agent)) return shortfallOf(task, stage);
      return [];
    });
  });
  const heldBy = [...new Set(reasons.flatMap((reason) => reason.heldBy))];
  const main = own.map((problem) => (problem.kind === "agents-not-ready" ? { ...problem, heldBy } : problem));
  return grouped([...main, ...reasons]);
}

/** A sub task that the engine itself calls failed. */
function failureOf(dag: Dag, task: SubTask, node: DagNode): Problem[] {
  if (task.state !== "FAILED" || wasCancelled(task, node)) return [];
  const error = lastError(task);
  const message = error?.message ?? task.logs.at(-1) ?? "";
  const cause = causeOfFailure(dag, node, error?.errCode ?? null, message);
  const named = cause === "not-released" ? notReleased(task) : addressesIn(message);
  // What an interrupted step was about did not fail; the agent that carried it out did.
  const own = isParallel(node) && task.agent !== null && cause !== "coordinator-restarted";
  return [
    {
      kind: error?.kind ?? wordedKind(message) ?? OTHER,
      cause,
      stage: dag.stage,
      taskId: task.id,
      agents: own && task.agent !== null ? [task.agent] : named,
      agentCode: error?.errCode ?? null,
      agentMessage: message,
      heldBy: heldByIn(task.logs),
    },
  ];
}

/** Why an agent did not take part: the error of its last try, which may be nested in an error of the connection. */
function refusalOf(dag: Dag, task: SubTask, stage: number): Problem[] {
  const message = lastError(task)?.message ?? task.logs.at(-1) ?? "";
  const last = readLogError(task.logs.at(-1) ?? "");
  const code = last?.errCode ?? nestedCode(message);
  return [
    {
      kind: wordedKind(message) ?? last?.kind ?? (code ? kindOfErrCode(code) : undefined) ?? OTHER,
      cause: causeOfRefusal(dag, task, message),
      stage,
      taskId: task.id,
      agents: task.agent === null ? [] : [task.agent],
      agentCode: code,
      agentMessage: message,
      heldBy: heldByIn(task.logs),
    },
  ];
}

/** Why a server did not follow: the last error of its own steps. */
function shortfallOf(task: SubTask, stage: number): Problem[] {
  const line = stepErrors(task).at(-1);
  const error = line === undefined ? lastError(task) : readLogError(line);
  return [
    {
      kind: error?.kind ?? "agents-not-done",
      cause: causeOfShortfall(task, line ?? "", error?.errCode ?? null),
      stage,
      taskId: task.id,
      agents: task.agent === null ? [] : [task.agent],
      agentCode: error?.errCode ?? null,
      agentMessage: error?.message ?? task.logs.at(-1) ?? "",
      heldBy: [],
    },
  ];
}

const CODE = /\[([A-Z][A-Za-z]*(?:\.[A-Za-z0-9]+)+)\]/;
const nestedCode = (message: string): string | null => CODE.exec(message)?.[1] ?? null;

const wordedKind = (message: string) => (/under maintenance/i.test(message) ? "under-maintenance" : undefined);

const heldByIn = (logs: readonly string[]): string[] =>
  readBlockers(logs).flatMap((blocker) => blocker.mainDagId ?? []);

/** One entry per reason and stage: a hundred agents that refuse alike are one problem with a hundred agents. */
function grouped(problems: readonly Problem[]): Problem[] {
  const groups = new Map<string, Problem>();
  for (const problem of problems) {
    const key = `${problem.stage} ${problem.kind} ${problem.cause} ${problem.agentCode}`;
    const known = groups.get(key);
    if (!known) {
      groups.set(key, problem);
      continue;
    }
    groups.set(key, {
      ...known,
      agents: [...new Set([...known.agents, ...problem.agents])],
      heldBy: [...new Set([...known.heldBy, ...problem.heldBy])],
    });
  }
  return [...groups.values()];
}
