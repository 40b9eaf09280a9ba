"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Glyph } from "@/components/ui/state-mark";
import type { Run, RunStage, RunTask } from "@/lib/tasks/schema";
import { GAP_PX, graphOf, NODE_PX, type GraphColumn } from "./graph-layout";
import { MarkBox } from "./mark-box";
import { TaskDuration, useTaskLabel } from "./task-cell";
import { markOf, TASK_MARKS, type TaskMark } from "./task-look";
import { useRowsVersion, useRunStore } from "./use-run";
import { useStageName } from "./use-stage-name";
import { useTaskWord } from "./use-task-word";

const ZOOMS = [0.6, 0.8, 1, 1.25, 1.5];
const EDGE: Record<TaskMark, string> = {
  failed: "border-fail bg-fail-panel",
  unknown: "hatch border-line-strong",
  stuck: "border-run bg-run-panel",
  running: "border-run bg-run-panel",
  waiting: "border-dashed border-line-strong bg-panel",
  cancelled: "border-line-strong bg-panel",
  skipped: "border-line-strong bg-panel",
  done: "border-line-strong bg-panel",
};

/**
 * Stages from left to right with a barrier between them: all of one stage must end before the next begins. Places
 * follow from the number of tasks alone, so nothing moves on an update (ux D-3). The list view is its text (B-8).
 */
export function Graph({ run, open, onOpen }: { run: Run; open: string | null; onOpen: (taskId: string) => void }) {
  const t = useTranslations("run.graph");
  const store = useRunStore();
  useRowsVersion();
  const [zoom, setZoom] = useState(2);
  const graph = graphOf(run.stages, store.rows().values());
  const scale = ZOOMS[zoom] ?? 1;
  return (
    <div className="relative border-y bg-panel">
      <div className="absolute top-2 right-3 z-10 flex gap-1" role="group" aria-label={t("zoom")}>
        <Button
          className="min-h-7! px-2! py-0!"
          aria-label={t("smaller")}
          blocked={zoom === 0}
          onClick={() => setZoom(zoom - 1)}
        >
          −
        </Button>
        <Button
          className="min-h-7! px-2! py-0!"
          aria-label={t("larger")}
          blocked={zoom === ZOOMS.length - 1}
          onClick={() => setZoom(zoom + 1)}
        >
          +
        </Button>
      </div>
      <div className="overflow-auto overscroll-x-contain px-4 pt-4 pb-6">
        <ol
          aria-label={t("label")}
          className="mx-auto flex w-full max-w-[84rem] min-w-[52rem] pr-6 lg:pr-10"
          style={{ zoom: scale }}
        >
          {graph.columns.map((column, at) => (
            <li key={run.stages[at]?.id ?? at} className="flex min-w-0 flex-1">
              {at > 0 ? (
                <Barrier from={graph.columns[at - 1]} to={column} height={graph.height} />
              ) : (
                <span className="w-6 shrink-0 lg:w-10" />
              )}
              <Column
                run={run}
                stage={run.stages[at]}
                number={at + 1}
                column={column}
                height={graph.height}
                open={open}
                onOpen={onOpen}
              />
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function Column({
  run,
  stage,
  number,
  column,
  height,
  open,
  onOpen,
}: {
  run: Run;
  stage: RunStage | undefined;
  number: number;
  column: GraphColumn;
  height: number;
  open: string | null;
  onOpen: (taskId: string) => void;
}) {
  const t = useTranslations("run");
  const stageName = useStageName();
  const label = useTaskLabel(run.stages);
  const store = useRunStore();
  const isTarget = (task: RunTask) => task.agent === null || store.row(task.agent)?.target !== false;
  return (
    <div className="min-w-0 flex-1">
      <p aria-hidden="true" className="mb-2 h-10 text-center text-sm leading-tight text-ink-2 [align-content:end]">
        {number}&ensp;{stageName(stage)}
      </p>
      <ul className="flex flex-col justify-center" style={{ height, gap: GAP_PX }}>
        {column.folded ? (
          <li
            style={{ height: NODE_PX * 2 }}
            title={t("graph.folded")}
            className="flex flex-wrap content-center justify-center gap-x-3 rounded-[4px] border border-line-strong bg-sunken px-2"
          >
            <FoldedCounts tasks={column.tasks} />
          </li>
        ) : (
          column.tasks.map((task) => {
            const who = task.agent ?? t("coordinator");
            const mark = markOf(task);
            return (
              <li key={task.id} className="min-w-0">
                <button
                  type="button"
                  aria-label={label(task, who)}
                  onClick={() => onOpen(task.id)}
                  style={{ height: NODE_PX }}
                  className={`flex w-full min-w-0 items-center gap-1.5 rounded-[4px] border px-2 text-left text-sm leading-tight ${EDGE[mark]} ${open === task.id ? "outline-2 outline-run" : ""}`}
                >
                  <MarkBox mark={mark} />
                  <span className="min-w-0 flex-1">
                    <span
                      className={`block truncate text-xs ${task.agent ? "font-mono" : ""} ${isTarget(task) ? "" : "text-ink-3"}`}
                    >
                      {who}
                    </span>
                    <span className="block text-xs text-ink-2">
                      <NodeWord mark={mark} /> <TaskDuration task={task} />
                    </span>
                  </span>
                </button>
              </li>
            );
          })
        )}
      </ul>
    </div>
  );
}

function NodeWord({ mark }: { mark: TaskMark }) {
  return useTaskWord()(mark);
}

function FoldedCounts({ tasks }: { tasks: readonly RunTask[] }) {
  const word = useTaskWord();
  const counts = new Map<TaskMark, number>();
  for (const task of tasks) counts.set(markOf(task), (counts.get(markOf(task)) ?? 0) + 1);
  return TASK_MARKS.map((mark) =>
    counts.has(mark) ? (
      <span key={mark} className="inline-flex items-center gap-1">
        <Glyph mark={mark} />
        <b className="font-semibold">{counts.get(mark)}</b> <span className="text-sm text-ink-2">{word(mark)}</span>
      </span>
    ) : null,
  );
}

/** Lines of one stage meet at a bar and leave it again: nothing passes before all have arrived. */
function Barrier({ from, to, height }: { from: GraphColumn | undefined; to: GraphColumn; height: number }) {
  const left = from?.middles ?? [];
  const ends = [...left, ...to.middles];
  const passed = from !== undefined && from.tasks.every((task) => task.state === "SUCCEED");
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 40 ${height}`}
      height={height}
      preserveAspectRatio="none"
      className={`mt-12 w-6 shrink-0 fill-none lg:w-10 ${passed ? "stroke-ink-2" : "stroke-line-strong"}`}
      strokeDasharray={passed ? undefined : "3 3"}
    >
      {left.map((y) => (
        <path key={`in${y}`} d={`M0 ${y}H20`} vectorEffect="non-scaling-stroke" />
      ))}
      <path d={`M20 ${Math.min(...ends)}V${Math.max(...ends)}`} vectorEffect="non-scaling-stroke" />
      {to.middles.map((y) => (
        <path key={`out${y}`} d={`M20 ${y}H40`} vectorEffect="non-scaling-stroke" />
      ))}
    </svg>
  );
}
