"use client";

import { useTranslations } from "next-intl";
import { Glyph } from "@/components/ui/state-mark";
import type { Sort } from "./row-order";
import { TASK_MARKS, type TaskMark } from "./task-look";
import { VIEWS, type View } from "./use-run-place";
import { useTaskWord } from "./use-task-word";

const CHIP = "inline-flex min-h-8 items-center gap-1.5 rounded-[4px] border px-2 text-sm max-sm:min-h-11 max-sm:px-3";
const on = "border-ink bg-ink text-paper";
const off = "border-transparent text-ink-2 hover:bg-sunken hover:text-ink";

/** How to look at the run: view, order, and only one state. None of it touches the run. */
export function Toolbar({
  view,
  sort,
  filter,
  counts,
  graph,
  onView,
  onSort,
  onFilter,
}: {
  view: View;
  sort: Sort;
  filter: TaskMark | null;
  counts: Record<TaskMark, number>;
  /** False: too many tasks to be drawn one by one; the graph folds them. */
  graph: boolean;
  onView: (view: View) => void;
  onSort: (sort: Sort) => void;
  onFilter: (filter: TaskMark | null) => void;
}) {
  const t = useTranslations("run.toolbar");
  const word = useTaskWord();
  const sorts: Sort[] = ["worst", "zone"];
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-1 px-4 pt-4 pb-2">
      <div role="group" aria-label={t("view")} className="flex flex-wrap gap-0.5">
        {VIEWS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={view === one}
            onClick={() => onView(one)}
            className={`${CHIP} ${view === one ? on : off} ${one === "graph" && !graph ? "border-dashed" : ""}`}
          >
            {t(one)}
          </button>
        ))}
      </div>
      {view === "matrix" ? (
        <div role="group" aria-label={t("sort")} className="flex gap-0.5">
          {sorts.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={sort === one}
              onClick={() => onSort(one)}
              className={`${CHIP} ${sort === one ? "border-line-strong" : off}`}
            >
              {t(one)}
            </button>
          ))}
        </div>
      ) : null}
      {view === "graph" ? null : (
        <div role="group" aria-label={t("filter")} className="flex flex-wrap gap-1">
          {TASK_MARKS.map((mark) =>
            counts[mark] > 0 || filter === mark ? (
              <button
                key={mark}
                type="button"
                aria-pressed={filter === mark}
                onClick={() => onFilter(filter === mark ? null : mark)}
                className={`${CHIP} ${filter === mark ? "border-ink bg-panel" : "border-line bg-panel hover:border-line-strong"}`}
              >
                <Glyph mark={mark} />
                {word(mark)} <b className="font-semibold">{counts[mark]}</b>
              </button>
            ) : null,
          )}
        </div>
      )}
    </div>
  );
}
