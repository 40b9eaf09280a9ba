"use client";

import { useTranslations } from "next-intl";
import { formatDuration } from "@/components/ui/duration";
import type { Run, RunStage } from "@/lib/tasks/schema";
import { MarkBox } from "./mark-box";
import { durationOf, markOf, type TaskMark } from "./task-look";
import { useEngineNow } from "./use-run";
import { useStageName } from "./use-stage-name";
import { useTaskWord } from "./use-task-word";

const TRACK: Record<TaskMark, string> = {
  failed: "bg-fail",
  unknown: "hatch",
  stuck: "bg-run",
  running: "bg-run",
  waiting: "",
  cancelled: "bg-ink-3",
  skipped: "bg-ink-3",
  done: "bg-done",
};

/** The stages in their order: a slim track filled as far as each has come, the time it took under its name. */
export function Stepper({ run }: { run: Run }) {
  const t = useTranslations("run");
  return (
    <ol aria-label={t("stepper")} className="flex gap-1 px-4 pt-3 max-sm:order-last max-sm:flex-col max-sm:gap-0">
      {run.stages.map((stage, at) => (
        <Step key={stage.id} run={run} stage={stage} number={at + 1} />
      ))}
    </ol>
  );
}

function Step({ run, stage, number }: { run: Run; stage: RunStage; number: number }) {
  const stageName = useStageName();
  const word = useTaskWord();
  const mark: TaskMark = stage.failed > 0 && stage.state === "RUNNING" ? "failed" : markOf({ ...stage, stuck: false });
  const over = stage.done + stage.failed;
  const filled = mark === "done" || mark === "skipped" ? 1 : stage.total > 0 ? over / stage.total : 0;
  const current = run.stage === number && mark !== "done";
  return (
    <li
      aria-current={current ? "step" : undefined}
      className="min-w-0 flex-1 max-sm:grid max-sm:grid-cols-[3px_1fr] max-sm:gap-x-3"
    >
      <span aria-hidden="true" className="block h-[3px] overflow-hidden bg-line max-sm:h-full">
        <span className={`block h-full max-sm:w-full! ${TRACK[mark]}`} style={{ width: `${filled * 100}%` }} />
      </span>
      <span
        className={`flex min-w-0 items-start gap-1.5 pt-1.5 leading-snug max-sm:pb-1.5 ${current ? "" : "text-ink-2"}`}
      >
        <span className="text-sm">
          <MarkBox mark={mark} />
        </span>
        <span className="min-w-0 max-sm:flex max-sm:flex-1 max-sm:justify-between max-sm:gap-3">
          <span className={`block ${current ? "font-semibold" : ""}`}>
            {number}&ensp;{stageName(stage)}
          </span>
          <span className="block text-sm text-ink-2">
            <span className="sr-only">{word(mark)} </span>
            <StepFact stage={stage} mark={mark} />
          </span>
        </span>
      </span>
    </li>
  );
}

function StepFact({ stage, mark }: { stage: RunStage; mark: TaskMark }) {
  const t = useTranslations("run");
  const took = durationOf(stage, useEngineNow());
  const count = stage.parallel && mark !== "waiting" ? t("ofTasks", { done: stage.done, total: stage.total }) : null;
  const parts = [count, took === null || mark === "waiting" ? null : formatDuration(took)].filter(Boolean);
  return parts.length > 0 ? parts.join(" · ") : "—";
}
