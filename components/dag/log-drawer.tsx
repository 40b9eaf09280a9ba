"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { useAnnounce } from "@/components/ui/announcer";
import { Button } from "@/components/ui/button";
import { StateMark } from "@/components/ui/state-mark";
import { useMoment } from "@/components/ui/use-moment";
import type { Run, RunTask } from "@/lib/tasks/schema";
import { LogPanel } from "./log-panel";
import { SubRunSection } from "./sub-run-section";
import { TaskDuration } from "./task-cell";
import { markOf } from "./task-look";
import { useDrawerWidth } from "./use-drawer-width";
import { useTask } from "./use-run";
import { useStageName } from "./use-stage-name";
import { useTaskWord } from "./use-task-word";

/** The engine waits this long for one server before it gives up (ux E16). Source: obshell ob/agent/executor/ob/stop.go. */
const SERVER_LIMIT_MS = 15 * 60_000;

/** One task: what it is, why it stands so, and its log. Beside the matrix, a sheet below it, or the whole phone (ux D-18). */
export function LogDrawer({ run, taskId, onClose }: { run: Run; taskId: string; onClose: () => void }) {
  const t = useTranslations("run.log");
  const task = useTask(taskId);
  const drawer = useRef<HTMLElement>(null);
  const resize = useDrawerWidth(drawer);
  const announce = useAnnounce();
  const voice = useTranslations("run");
  const who = task ? (task.agent ?? voice("coordinator")) : null;
  useEffect(() => {
    if (who) announce(voice("voice.opened", { who })); // focus stays where it was (ux L-8)
  }, [announce, voice, who, taskId]);
  return (
    <aside
      ref={drawer}
      aria-label={t("drawer")}
      style={{ "--drawer": `${resize.width}px` } as React.CSSProperties}
      className="fixed inset-x-0 bottom-0 z-30 flex h-[58dvh] flex-col border-t border-line-strong bg-panel max-sm:inset-0 max-sm:h-auto min-[1100px]:sticky min-[1100px]:top-(--stick) min-[1100px]:z-10 min-[1100px]:h-[calc(100dvh-var(--stick)-var(--above,0px))] min-[1100px]:w-(--drawer) min-[1100px]:shrink-0 min-[1100px]:border-t-0 min-[1100px]:border-l"
    >
      <div
        {...resize.handle}
        aria-label={t("resize")}
        className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none hover:bg-line max-[1099px]:hidden"
      />
      {task ? (
        <TaskPanel key={taskId} run={run} task={task} onClose={onClose} />
      ) : (
        <div className="flex items-start justify-between gap-3 p-3">
          <p>{t("unknownTask")}</p>
          <Button look="quiet" onClick={onClose}>
            {t("close")}
          </Button>
        </div>
      )}
    </aside>
  );
}

function TaskPanel({ run, task, onClose }: { run: Run; task: RunTask; onClose: () => void }) {
  const subRun = task.agent && run.subDags[task.agent] ? task.agent : null;
  return (
    <>
      <TaskFacts run={run} task={task} onClose={onClose} />
      {subRun ? <SubRunSection run={run} agent={subRun} /> : null}
      <LogPanel
        base={`/api/clusters/${run.cluster.id}/runs/${run.id}/tasks/${task.id}/log`}
        live={!task.endedAt && !run.settled}
        failed={markOf(task) === "failed"}
      />
    </>
  );
}

function TaskFacts({ run, task, onClose }: { run: Run; task: RunTask; onClose: () => void }) {
  const t = useTranslations("run.log");
  const word = useTaskWord();
  const error = useTranslations("run");
  const stageName = useStageName();
  const moment = useMoment();
  const mark = markOf(task);
  const stage = run.stages[task.stage - 1];
  const problem = run.problems.find((one) => one.taskId === task.id);
  const limit = stage?.key === "wait" && task.state === "RUNNING" && task.startedAt;
  return (
    <header className="space-y-1 border-b px-3 pt-2 pb-2">
      <div className="flex items-start gap-3">
        <h2 className="min-w-0 flex-1 text-base">
          <span className={task.agent ? "font-mono" : ""}>{task.agent ?? error("coordinator")}</span>
          <span className="font-normal text-ink-2"> · {stageName(stage)}</span>
        </h2>
        <Button look="quiet" className="-mt-1 -mr-2 min-h-8! px-2! py-0.5! max-sm:min-h-11!" onClick={onClose}>
          {t("close")} <kbd className="font-mono text-xs text-ink-3 max-sm:hidden">Esc</kbd>
        </Button>
      </div>
      <p className="flex flex-wrap gap-x-4 text-sm text-ink-2">
        <StateMark mark={mark} className="text-ink">
          {word(mark)}
        </StateMark>
        <TaskDuration task={task} />
        <span>{t("attempt", { n: Math.max(1, task.executeTimes) })}</span>
        {task.startedAt ? <span>{t("started", { time: moment(task.startedAt) })}</span> : null}
      </p>
      {stage && stage.key !== "other" ? (
        <p className="text-xs text-ink-3" lang="en">
          {stage.name}
        </p>
      ) : null}
      {limit ? (
        <p className="text-sm text-ink-2">{t("limit", { time: moment(Date.parse(limit) + SERVER_LIMIT_MS) })}</p>
      ) : null}
      {problem?.agentMessage ? (
        <p className="border-l-2 border-fail pl-2 font-mono text-xs select-all" lang="en">
          {[problem.agentCode, problem.agentMessage].filter(Boolean).join(": ")}
        </p>
      ) : null}
    </header>
  );
}
