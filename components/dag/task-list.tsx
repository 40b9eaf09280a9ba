"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { memo, useMemo, useRef } from "react";
import { Glyph } from "@/components/ui/state-mark";
import type { Run, RunTask } from "@/lib/tasks/schema";
import { useTaskLabel } from "./task-cell";
import { markOf, type TaskMark } from "./task-look";
import { useRowsVersion, useRunStore, useTask } from "./use-run";

const LINE_PX = 44;

/** Every task as one sentence, in stage order: the same facts as the matrix and the graph, in words (ux B-8). */
export function TaskList({
  run,
  filter,
  onOpen,
}: {
  run: Run;
  filter: TaskMark | null;
  onOpen: (taskId: string) => void;
}) {
  const t = useTranslations("run");
  const store = useRunStore();
  const version = useRowsVersion();
  const tasks = useMemo(() => {
    const all = [...store.rows().values()].flatMap((row) => [...row.tasks.values()].map((task) => ({ task, row })));
    return all
      .filter(({ task }) => !filter || markOf(task) === filter)
      .sort((a, b) => a.task.stage - b.task.stage || a.row.place - b.row.place)
      .map(({ task }) => task);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for the rows
  }, [store, version, filter]);
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are called in this component alone
  const rows = useVirtualizer<HTMLDivElement, Element>({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => tasks[index]?.id ?? index,
    overscan: 10,
    initialRect: { width: 1200, height: 640 },
  });
  if (tasks.length === 0) return <p className="border-y bg-panel px-4 py-6 text-ink-2">{t("noneShown")}</p>;
  return (
    <div
      ref={scroller}
      className="max-h-[max(20rem,calc(100dvh-var(--stick,6rem)-1px))] overflow-auto border-y bg-panel"
    >
      <ol aria-label={t("list")} className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const task = tasks[item.index];
          if (!task) return null;
          return (
            <ListLine
              key={item.key}
              task={task}
              top={item.start}
              place={item.index + 1}
              size={tasks.length}
              stages={run.stages}
              onOpen={onOpen}
            />
          );
        })}
      </ol>
    </div>
  );
}

const ListLine = memo(function ListLine({
  task: first,
  top,
  place,
  size,
  stages,
  onOpen,
}: {
  task: RunTask;
  top: number;
  place: number;
  size: number;
  stages: Run["stages"];
  onOpen: (taskId: string) => void;
}) {
  const t = useTranslations("run");
  const label = useTaskLabel(stages);
  const task = useTask(first.id) ?? first;
  return (
    <li
      aria-posinset={place}
      aria-setsize={size}
      className="absolute inset-x-0 top-0 border-b border-line/60"
      style={{ transform: `translateY(${top}px)`, height: LINE_PX }}
    >
      <button
        type="button"
        onClick={() => onOpen(task.id)}
        className="flex h-full w-full items-center gap-2 px-4 text-left leading-tight -outline-offset-2 hover:bg-sunken"
      >
        <Glyph mark={markOf(task)} />
        <span className="min-w-0">{label(task, task.agent ?? t("coordinator"))}</span>
      </button>
    </li>
  );
});
