"use client";

import { useLocale, useTranslations } from "next-intl";
import { useCallback } from "react";
import { formatDuration } from "@/components/ui/duration";
import { useMoment } from "@/components/ui/use-moment";
import type { RunStage, RunTask } from "@/lib/tasks/schema";
import { durationOf, markOf, spokenDuration } from "./task-look";
import { useEngineNow, useRunStore } from "./use-run";
import { useStageName } from "./use-stage-name";
import { useTaskWord } from "./use-task-word";

/** "10.0.1.14, step 4 Stop servers, failed after 31 seconds, attempt 1" (ux D-5). Says nothing that ticks (B-4). */
export function useTaskLabel(stages: readonly RunStage[]): (task: RunTask, who: string) => string {
  const t = useTranslations("run.cell");
  const word = useTaskWord();
  const store = useRunStore();
  const locale = useLocale();
  const stageName = useStageName();
  const moment = useMoment();
  return useCallback(
    (task, who) => {
      const mark = markOf(task);
      const took = task.endedAt ? durationOf(task, 0) : null;
      const state =
        took !== null
          ? t("after", { state: word(mark), duration: spokenDuration(took, locale) })
          : task.startedAt && mark !== "waiting"
            ? t("since", { state: word(mark), time: moment(task.startedAt) })
            : word(mark);
      return t("name", {
        who: task.agent !== null && store.row(task.agent)?.target === false ? t("notTarget", { who }) : who,
        stage: task.stage,
        name: stageName(stages[task.stage - 1]),
        state,
        attempt: Math.max(1, task.executeTimes),
      });
    },
    [t, word, store, locale, stageName, moment, stages],
  );
}

/** How long it took beside the other tasks of its stage; `--end` of the column is the full length. */
export function DurationBar({ task, tone }: { task: RunTask; tone: string }) {
  const running = task.state === "RUNNING" && task.startedAt !== null && task.endedAt === null;
  return running ? (
    <RunningBar task={task} tone={tone} />
  ) : (
    <Bar ms={task.endedAt ? durationOf(task, 0) : null} tone={tone} />
  );
}

function RunningBar({ task, tone }: { task: RunTask; tone: string }) {
  return <Bar ms={durationOf(task, useEngineNow())} tone={tone} />;
}

function Bar({ ms, tone }: { ms: number | null; tone: string }) {
  if (ms === null) return null;
  return (
    <span
      aria-hidden="true"
      className={`block h-1 rounded-[1px] ${tone}`}
      style={{ width: `calc(min(1, ${ms} / var(--end)) * 100%)` }}
    />
  );
}

/** How long a task took. Only one that still runs listens to the clock. */
export function TaskDuration({ task }: { task: RunTask }) {
  const running = task.state === "RUNNING" && task.startedAt !== null && task.endedAt === null;
  if (running) return <RunningDuration task={task} />;
  const took = task.endedAt ? durationOf(task, 0) : null;
  return <span>{took === null ? "" : formatDuration(took)}</span>;
}

function RunningDuration({ task }: { task: RunTask }) {
  const took = durationOf(task, useEngineNow());
  return <span>{took === null ? "" : formatDuration(took)}</span>;
}
