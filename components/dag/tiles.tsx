"use client";

import { useTranslations } from "next-intl";
import { memo, useMemo } from "react";
import { Glyph } from "@/components/ui/state-mark";
import type { Run } from "@/lib/tasks/schema";
import { groupRows, type Group } from "./row-order";
import { useTaskLabel } from "./task-cell";
import { markOf, TASK_MARKS, type TaskMark } from "./task-look";
import { useRow, useRowsVersion, useRunStore } from "./use-run";
import type { FailedTask } from "./use-failures";
import { useTaskWord } from "./use-task-word";

const TILE: Record<TaskMark, string> = {
  failed: "bg-fail-panel border-fail",
  unknown: "hatch border-line-strong",
  stuck: "bg-run-panel border-run",
  running: "bg-run-panel border-run/60",
  waiting: "border-line-strong/50",
  cancelled: "border-line-strong",
  skipped: "border-line-strong",
  done: "bg-done-panel border-done/50",
};

/** One tile per server, always in the same place; the failed ones again below in words (ux M-5). */
export function Tiles({
  run,
  filter,
  failures,
  onOpen,
}: {
  run: Run;
  filter: TaskMark | null;
  failures: readonly FailedTask[];
  onOpen: (taskId: string) => void;
}) {
  const t = useTranslations("run");
  const store = useRunStore();
  const version = useRowsVersion();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for the rows
  const groups = useMemo(() => groupRows(store.rows().values(), "zone", null), [store, version]);
  const label = useTaskLabel(run.stages);
  return (
    <div className="border-y bg-panel">
      {groups.map((group) => (
        <TileGroup key={group.key} group={group} filter={filter} onOpen={onOpen} />
      ))}
      {failures.length > 0 ? (
        <section className="border-t px-4 py-3">
          <h2 className="mb-1">{t("failedList", { n: failures.length })}</h2>
          <ul>
            {failures.map(({ task, who }) => (
              <li key={task.id}>
                <button
                  type="button"
                  onClick={() => onOpen(task.id)}
                  className="flex min-h-11 w-full items-center gap-2 border-b border-line/60 text-left"
                >
                  <Glyph mark="failed" />
                  <span>{label(task, who || t("coordinator"))}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

function TileGroup({
  group,
  filter,
  onOpen,
}: {
  group: Group;
  filter: TaskMark | null;
  onOpen: (taskId: string) => void;
}) {
  const t = useTranslations("run");
  const word = useTaskWord();
  const name = group.others ? t("others") : group.zone || t("noZone");
  const tiles = (
    <div data-tiles="" className="flex flex-wrap gap-1 px-4 pt-1 pb-3">
      {group.rows.map((agent) => (
        <Tile key={agent} agent={agent} faded={filter} onOpen={onOpen} />
      ))}
    </div>
  );
  const head = (
    <span className="inline-flex flex-wrap items-center gap-x-3">
      <b className="font-semibold">{name}</b>
      {TASK_MARKS.map((mark) =>
        group.counts[mark] > 0 ? (
          <span key={mark} className="inline-flex items-center gap-0.5 text-sm text-ink-2">
            <Glyph mark={mark} />
            {group.counts[mark]} {word(mark)}
          </span>
        ) : null,
      )}
    </span>
  );
  if (!group.others)
    return (
      <section aria-label={name} className="[contain-intrinsic-size:auto_120px] [content-visibility:auto]">
        <h2 className="px-4 pt-2 text-base font-normal">{head}</h2>
        {tiles}
      </section>
    );
  return (
    <details className="border-t">
      <summary className="px-4 py-2">{head}</summary>
      {tiles}
    </details>
  );
}

const Tile = memo(function Tile({
  agent,
  faded,
  onOpen,
}: {
  agent: string;
  faded: TaskMark | null;
  onOpen: (taskId: string) => void;
}) {
  const t = useTranslations("run.cell");
  const word = useTaskWord();
  const row = useRow(agent);
  if (!row) return null;
  const task = [...row.tasks.values()].find((one) => markOf(one) === row.mark) ?? row.tasks.values().next().value;
  const name = t("tile", { agent, state: word(row.mark) });
  return (
    <button
      type="button"
      aria-label={name}
      title={name}
      onClick={() => task && onOpen(task.id)}
      className={`grid size-7 place-items-center rounded-[3px] border ${TILE[row.mark]} ${faded && faded !== row.mark ? "opacity-30" : ""}`}
    >
      <Glyph mark={row.mark} />
    </button>
  );
});
