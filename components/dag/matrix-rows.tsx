"use client";

import { useTranslations } from "next-intl";
import { memo, type CSSProperties } from "react";
import { Glyph } from "@/components/ui/state-mark";
import type { RunStage, RunTask } from "@/lib/tasks/schema";
import type { Group } from "./row-order";
import { COORDINATOR } from "./run-store";
import { MarkBox } from "./mark-box";
import { DurationBar, TaskDuration, useTaskLabel } from "./task-cell";
import { isAlarming, markOf, TASK_MARKS, type TaskMark } from "./task-look";
import { useRow } from "./use-run";
import { useTaskWord } from "./use-task-word";

/** Where a line stands; `col` is the focusable column of the one line that holds the tab stop, else null. */
export interface LineSpot {
  index: number;
  top: number;
  place: number;
  size: number;
  col: number | null;
}

const LINE = "absolute inset-x-0 top-0 grid h-8 grid-cols-(--cols) items-stretch border-b";
const FIRST = "sticky left-0 z-[1] flex min-w-0 items-center gap-2 border-r px-3";
const CELL =
  "flex min-w-0 items-center gap-1.5 px-2 text-sm outline-offset-[-2px] data-task:cursor-pointer data-task:hover:bg-sunken";

const BAR: Record<TaskMark, string> = {
  failed: "bg-fail",
  unknown: "bg-line-strong",
  stuck: "bg-run",
  running: "bg-run/55",
  waiting: "",
  cancelled: "bg-line-strong",
  skipped: "bg-line-strong",
  done: "bg-line-strong/60",
};

const tabIndex = (spot: LineSpot, col: number): 0 | -1 => (spot.col === col ? 0 : -1);
const attributes = (spot: LineSpot, level: number) => ({
  role: "row",
  "aria-level": level,
  "aria-posinset": spot.place,
  "aria-setsize": spot.size,
  "aria-rowindex": spot.index + 2,
  "data-line": spot.index,
  style: { transform: `translateY(${spot.top}px)` },
});

/** One server: its address, then one cell for each stage that has a task per agent. */
export const ServerLine = memo(function ServerLine({
  agent,
  stages,
  showZone,
  open,
  ...spot
}: LineSpot & { agent: string; stages: readonly RunStage[]; showZone: boolean; open: string | null }) {
  const row = useRow(agent);
  if (!row) return null;
  const bad = row.mark === "failed";
  return (
    <div {...attributes(spot, 2)} className={`${LINE} border-line/60 ${bad ? "bg-fail-panel" : "bg-panel"}`}>
      <div
        role="rowheader"
        aria-colindex={1}
        data-col={0}
        data-task={worstTask(row.tasks)?.id}
        tabIndex={tabIndex(spot, 0)}
        className={`${FIRST} cursor-pointer pl-8 font-mono text-sm outline-offset-[-2px] ${bad ? "bg-fail-panel" : "bg-panel"}`}
      >
        <span className="truncate">{agent}</span>
        {showZone && row.zone ? <span className="font-sans text-xs text-ink-3">{row.zone}</span> : null}
      </div>
      {stages.map((stage, at) => {
        const task = row.tasks.get(at + 1);
        if (task) return <TaskCell key={stage.id} task={task} who={agent} stages={stages} spot={spot} open={open} />;
        return stage.parallel ? <EmptyCell key={stage.id} col={at + 1} spot={spot} /> : <span key={stage.id} />;
      })}
    </div>
  );
});

/** The stages that have one task for all, drawn once (ux D-4). */
export const CoordinatorLine = memo(function CoordinatorLine({
  address,
  stages,
  open,
  ...spot
}: LineSpot & { address: string; stages: readonly RunStage[]; open: string | null }) {
  const t = useTranslations("run");
  const row = useRow(COORDINATOR);
  return (
    <div {...attributes(spot, 1)} className={`${LINE} bg-panel`}>
      <div
        role="rowheader"
        aria-colindex={1}
        data-col={0}
        tabIndex={tabIndex(spot, 0)}
        className={`${FIRST} bg-panel outline-offset-[-2px]`}
      >
        <span>{t("coordinator")}</span>
        <span className="truncate font-mono text-xs text-ink-2">{address}</span>
      </div>
      {stages.map((stage, at) => {
        const task = row?.tasks.get(at + 1);
        if (task)
          return <TaskCell key={stage.id} task={task} who={t("coordinator")} stages={stages} spot={spot} open={open} />;
        return stage.parallel ? <span key={stage.id} /> : <EmptyCell key={stage.id} col={at + 1} spot={spot} />;
      })}
    </div>
  );
});

/** A zone, or the agents that only take part: counts stay readable when it is folded (ux D-8). */
export const GroupLine = memo(function GroupLine({
  group,
  open,
  columns,
  ...spot
}: LineSpot & { group: Group; open: boolean; columns: number }) {
  const t = useTranslations("run");
  const word = useTaskWord();
  return (
    <div {...attributes(spot, 1)} aria-expanded={open} className={`${LINE} bg-sunken`}>
      <div
        role="rowheader"
        aria-colindex={1}
        aria-colspan={columns}
        data-col={0}
        data-group={group.key}
        tabIndex={tabIndex(spot, 0)}
        className="col-span-full cursor-pointer outline-offset-[-2px]"
      >
        <span className="sticky left-0 inline-flex h-full max-w-full items-center gap-3 px-3">
          <span aria-hidden="true" className="w-3 text-ink-2">
            {open ? "▾" : "▸"}
          </span>
          <b className="font-semibold">{group.others ? t("others") : group.zone || t("noZone")}</b>
          <span className="text-sm text-ink-2">{t("servers", { n: group.rows.length })}</span>
          {TASK_MARKS.map((mark) =>
            group.counts[mark] > 0 ? (
              <span
                key={mark}
                className={`inline-flex items-center gap-0.5 text-sm ${isAlarming(mark) ? "font-semibold" : ""}`}
              >
                <Glyph mark={mark} />
                {group.counts[mark]}
                <span className="sr-only"> {word(mark)}</span>
              </span>
            ) : null,
          )}
        </span>
      </div>
    </div>
  );
});

function TaskCell({
  task,
  who,
  stages,
  spot,
  open,
}: {
  task: RunTask;
  who: string;
  stages: readonly RunStage[];
  spot: LineSpot;
  open: string | null;
}) {
  const label = useTaskLabel(stages);
  const mark = markOf(task);
  const stage = stages[task.stage - 1];
  const loud = isAlarming(mark);
  return (
    <div
      role="gridcell"
      aria-colindex={task.stage + 1}
      aria-label={label(task, who)}
      aria-selected={open === task.id}
      data-col={task.stage}
      data-task={task.id}
      tabIndex={tabIndex(spot, task.stage)}
      style={stage?.parallel ? ({ "--end": `var(--end-${task.stage})` } as CSSProperties) : undefined}
      className={`${CELL} ${loud ? "font-semibold" : "text-ink-2"} ${open === task.id ? "bg-run-panel outline-2 outline-run" : ""}`}
    >
      <MarkBox mark={mark} />
      {stage?.parallel ? (
        <>
          <span className="w-14 shrink-0">
            <TaskDuration task={task} />
          </span>
          <span className="min-w-0 flex-1 pr-2">
            {mark === "stuck" || mark === "failed" || mark === "unknown" ? <CellWord mark={mark} /> : null}
            <DurationBar task={task} tone={BAR[mark]} />
          </span>
        </>
      ) : (
        <TaskDuration task={task} />
      )}
    </div>
  );
}

function CellWord({ mark }: { mark: "stuck" | "failed" | "unknown" }) {
  const word = useTaskWord();
  return <span className="block truncate text-xs leading-tight font-normal">{word(mark)}</span>;
}

function EmptyCell({ col, spot }: { col: number; spot: LineSpot }) {
  const t = useTranslations("run.cell");
  return (
    <div
      role="gridcell"
      aria-colindex={col + 1}
      aria-label={t("noTask")}
      data-col={col}
      tabIndex={tabIndex(spot, col)}
      className={`${CELL} text-ink-3`}
    >
      <span aria-hidden="true">·</span>
    </div>
  );
}

function worstTask(tasks: ReadonlyMap<number, RunTask>): RunTask | undefined {
  const place = (task: RunTask) => TASK_MARKS.indexOf(markOf(task));
  return [...tasks.values()].sort((a, b) => place(a) - place(b) || b.stage - a.stage)[0];
}
