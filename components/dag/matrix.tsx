"use client";

import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { useEffect, useMemo, useRef, useSyncExternalStore, type CSSProperties } from "react";
import { Button } from "@/components/ui/button";
import type { Run, RunStage } from "@/lib/tasks/schema";
import { CoordinatorLine, GroupLine, ServerLine } from "./matrix-rows";
import type { Line, OrderKeeper } from "./order-keeper";
import type { Sort } from "./row-order";
import type { TaskMark } from "./task-look";
import { useGridKeys } from "./use-grid-keys";
import { useRunStore } from "./use-run";
import { useScales } from "./use-scales";
import { useStageName } from "./use-stage-name";

const LINE_PX = 32;
/** Below this every line is in the page, so that the browser's own search finds it (ux D-6). */
const WINDOWED_ABOVE = 60;
const FIRST_RECT = { width: 1200, height: 640 };

/** Servers down, stages across. Only the lines in view exist, and each listens to its own server (ux D-1, D-6). */
export function Matrix({
  run,
  keeper,
  sort,
  filter,
  open,
  onOpen,
}: {
  run: Run;
  keeper: OrderKeeper;
  sort: Sort;
  filter: TaskMark | null;
  open: string | null;
  onOpen: (taskId: string) => void;
}) {
  const t = useTranslations("run");
  const { lines, moved } = useSyncExternalStore(keeper.subscribe, keeper.read, keeper.read);
  const scroller = useRef<HTMLDivElement>(null);
  const stages = useStableStages(run.stages);
  const columns = useMemo(() => focusableColumns(stages), [stages]);
  const active = useRef(0);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are called in this component alone
  const rows = useVirtualizer<HTMLDivElement, Element>({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: lines.length <= WINDOWED_ABOVE ? WINDOWED_ABOVE : 12,
    initialRect: FIRST_RECT,
    scrollPaddingStart: 8,
    scrollPaddingEnd: 2 * LINE_PX, // the header line covers as much of the list
    // The line that holds the tab stop stays in the page, or focus would fall out when it scrolls away.
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      const keep = active.current;
      return seen.includes(keep) || keep >= range.count ? seen : [...seen, keep].sort((a, b) => a - b);
    },
  });
  const keys = useGridKeys({
    lines,
    grid: scroller,
    rows,
    columnsOf: (line) =>
      line.kind === "group" ? columns.group : line.kind === "row" ? columns.row : columns.coordinator,
    onOpen,
    onToggle: keeper.toggle,
  });
  useEffect(() => {
    active.current = keys.at;
  }, [keys.at]);
  useEffect(() => keeper.choose(sort, filter), [keeper, sort, filter]);
  const store = useRunStore();
  useEffect(() => {
    const agent = open ? store.task(open)?.agent : null;
    const index = agent ? keeper.read().lines.findIndex((line) => line.key === agent) : -1;
    if (index >= 0) rows.scrollToIndex(index); // `n` and `p` walk from failure to failure (ux D-16)
  }, [open, store, keeper, rows]);
  useEffect(
    () => () => {
      keeper.hold("pointer", false);
      keeper.hold("focus", false);
    },
    [keeper],
  );
  const ends = useScales(stages.length);
  const style: CSSProperties & Record<`--${string}`, string | number> = { "--cols": template(stages) };
  ends.forEach((end, at) => (style[`--end-${at + 1}`] = end));
  return (
    <div className="relative" style={style}>
      {moved ? (
        <Button className="absolute right-3 -top-11 z-10 min-h-8! py-1!" onClick={keeper.resort}>
          {t("resort")} <kbd className="font-mono text-xs text-ink-3">s</kbd>
        </Button>
      ) : null}
      <div
        ref={scroller}
        role="treegrid"
        aria-label={t("matrix")}
        aria-rowcount={lines.length + 1}
        aria-colcount={stages.length + 1}
        onKeyDown={keys.onKeyDown}
        onClick={keys.onClick}
        onPointerEnter={() => keeper.hold("pointer", true)}
        onPointerLeave={() => keeper.hold("pointer", false)}
        onFocus={() => keeper.hold("focus", true)}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) keeper.hold("focus", false);
        }}
        className="max-h-[max(20rem,calc(100dvh-var(--stick,6rem)-1px))] overflow-auto overscroll-x-contain border-y bg-panel"
      >
        <Head stages={stages} />
        <div role="rowgroup" className="relative min-w-fit" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const line = lines[item.index];
            if (!line) return null;
            const spot = { index: item.index, top: item.start, col: item.index === keys.at ? keys.col : null };
            return <AnyLine key={item.key} line={line} spot={spot} run={run} stages={stages} open={open} />;
          })}
        </div>
      </div>
    </div>
  );
}

function AnyLine({
  line,
  spot,
  run,
  stages,
  open,
}: {
  line: Line;
  spot: { index: number; top: number; col: number | null };
  run: Run;
  stages: readonly RunStage[];
  open: string | null;
}) {
  if (line.kind === "coordinator")
    return <CoordinatorLine {...spot} place={1} size={1} address={run.coordinator} stages={stages} open={open} />;
  const { place, size } = line;
  if (line.kind === "group")
    return (
      <GroupLine {...spot} place={place} size={size} group={line.group} open={line.open} columns={stages.length + 1} />
    );
  const showZone = run.targets !== null && !run.targets.includes(line.agent);
  return (
    <ServerLine
      {...spot}
      place={place}
      size={size}
      agent={line.agent}
      stages={stages}
      showZone={showZone}
      open={open}
    />
  );
}

function Head({ stages }: { stages: readonly RunStage[] }) {
  const t = useTranslations("run");
  const stageName = useStageName();
  return (
    <div role="rowgroup" className="sticky top-0 z-[2] min-w-fit">
      <div role="row" aria-rowindex={1} className="grid grid-cols-(--cols) border-b border-line-strong bg-panel">
        <div
          role="columnheader"
          aria-colindex={1}
          className="sticky left-0 z-[1] border-r bg-panel px-3 py-1.5 text-sm text-ink-2"
        >
          {t("server")}
        </div>
        {stages.map((stage, at) => (
          <div
            key={stage.id}
            role="columnheader"
            aria-colindex={at + 2}
            className={`px-2 py-1.5 text-sm leading-tight ${stage.parallel ? "font-semibold" : "text-ink-2"}`}
          >
            {at + 1}&ensp;{stageName(stage)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Fixed widths: a column never grows with what stands in it (ux D-6). */
const template = (stages: readonly RunStage[]): string =>
  [
    "minmax(13.5rem,17rem)",
    ...stages.map((stage) => (stage.parallel ? "minmax(9rem,1fr)" : "minmax(5rem,7.5rem)")),
  ].join(" ");

function focusableColumns(stages: readonly RunStage[]) {
  const numbers = stages.map((stage, at) => ({ parallel: stage.parallel, col: at + 1 }));
  const of = (parallel: boolean) => [0, ...numbers.filter((one) => one.parallel === parallel).map((one) => one.col)];
  return { row: of(true), coordinator: of(false), group: [0] };
}

/** Lines need the names and kinds of the stages, not their counts, which change each second. */
function useStableStages(stages: readonly RunStage[]): readonly RunStage[] {
  const key = stages.map((stage) => `${stage.id} ${stage.key} ${stage.parallel}`).join();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the key says all that lines read of it
  return useMemo(() => stages, [key]);
}
