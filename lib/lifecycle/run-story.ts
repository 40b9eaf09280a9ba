import type { AuditLine } from "../audit/schema";
import type { FailureKind } from "../errors";
import type { Run } from "../tasks/schema";
import type { Progress } from "./intents";

export type Told = Pick<AuditLine, "by" | "event" | "detail" | "outcome">;

const OVER: ReadonlySet<Run["state"]> = new Set(["SUCCEEDED", "FAILED", "CANCELLED"]);

/** The engine has nothing more to do in this run. */
export const isOver = ({ state }: Run): boolean => OVER.has(state);

const failureKey = ({ stage, kind, agentCode }: Run["problems"][number]): string =>
  [stage ?? 0, kind, agentCode ?? ""].join(" ");

const countsOf = ({ counts, outcome }: Run) =>
  outcome.state === "reached" || outcome.state === "missed"
    ? {
        ...{ done: outcome.stopped, failed: outcome.failed, unreported: outcome.notReported },
        ...(outcome.cancelled > 0 ? { cancelled: outcome.cancelled } : {}),
        ...(outcome.again > 0 ? { again: outcome.again } : {}),
      }
    : { done: counts.done, failed: counts.failed, unreported: counts.total - counts.done - counts.failed };

/** Of these nobody answered; all others are an answer, and say why the run cannot be read. */
const IS_SILENCE: ReadonlySet<string> = new Set(["agent-unreachable", "agent-timeout"] satisfies FailureKind[]);

/**
 * What the audit has not been told yet about a run: pure, so that a process which takes it over tells nothing twice.
 * `run` null means that it was not read, `failure` why.
 */
export function tellRun(
  before: Progress,
  run: Run | null,
  nowIso: string,
  failure: FailureKind | null = null,
): { lines: Told[]; progress: Progress } {
  const progress = { ...before, failures: [...before.failures] };
  const lines: Told[] = [];
  const tell = (event: AuditLine["event"], detail: AuditLine["detail"], outcome?: AuditLine["outcome"]) =>
    lines.push({ by: "engine", event, detail, ...(outcome ? { outcome } : {}) });

  if (run === null || run.state === "UNKNOWN") {
    if (before.silentSince === null) {
      progress.silentSince = nowIso;
      const kind = failure ?? run?.problems[0]?.kind ?? null;
      tell("silent", run ? { text: run.coordinator } : {}, kind && !IS_SILENCE.has(kind) ? { kind } : undefined);
    }
    return { lines, progress };
  }
  if (before.silentSince !== null) {
    progress.silentSince = null;
    tell("heard", { text: run.coordinator });
  }
  if (run.stage > before.stage) {
    progress.stage = run.stage;
    const stage = run.stages[run.stage - 1]?.name ?? String(run.stage);
    tell("step", { stage, text: `${run.stage}/${run.maxStage}`, counts: countsOf(run) });
  }
  for (const problem of run.problems) {
    const key = failureKey(problem);
    if (progress.failures.includes(key)) continue;
    progress.failures.push(key);
    const { kind, agentCode, agentMessage, agents, stage } = problem;
    const text = [agents.join(", "), agentMessage].filter(Boolean).join(": ").slice(0, 500);
    const name = stage === null ? {} : { stage: run.stages[stage - 1]?.name ?? String(stage) };
    tell("failed", { text, ...name }, { kind, ...(agentCode ? { agentCode } : {}) });
  }
  return { lines, progress };
}

/** The last word: what the engine says and what the servers show (ux H-1, H-3). */
export function endOf(run: Run): Told {
  const isWell = run.state === "SUCCEEDED" && run.outcome.state !== "missed";
  const kind = run.state === "SUCCEEDED" ? run.outcome.state : run.state.toLowerCase();
  return {
    by: "engine",
    event: "finished",
    detail: { counts: countsOf(run), text: `${run.state} · ${run.outcome.state}` },
    outcome: { runId: run.id, ...(isWell ? {} : { kind }) },
  };
}
