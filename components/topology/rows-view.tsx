"use client";

import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useCallback, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { zoneKey, zoneTick, type Row } from "./rows";
import { ROW_COLUMNS, ServerRow } from "./server-row";
import type { PickerState } from "./use-picker";
import { useRoving } from "./use-roving";
import { useRowWords } from "./use-row-words";
import { useStoppedBy } from "./use-stopped-by";
import { ZoneRow } from "./zone-row";

const ZONE_PX = 53;
const SERVER_PX = 37;
/** Room for the sticky bars above and below, so that focus never hides under them (ux B-5). */
const STICKY_TOP_PX = 130;
const STICKY_BOTTOM_PX = 150;
/** Before the window is known, and on the server: enough rows for a first screen. */
const FIRST_RECT = { width: 1280, height: 800 };

interface Props {
  clusterId: string;
  clusterName: string;
  picker: PickerState;
  zoneSelected: ReadonlyMap<string, number>;
  /** Of when the status of zones is that was told last, where no newer one comes. */
  toldAt: string | null;
  minuteMs: number;
}

/** Zones and their servers as a treegrid; only what is near the screen is in the document (ux B-1, K-1…K-7). */
export function RowsView({ clusterId, clusterName, picker, zoneSelected, toldAt, minuteMs }: Props) {
  const t = useTranslations("topology");
  const words = useRowWords();
  const stoppedBy = useStoppedBy(clusterId);
  const router = useRouter();
  const { rows, act, selection } = picker;
  const grid = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const anchor = useRef<string>(null);
  const [listTop, setListTop] = useState(0);

  const indexOf = useMemo(() => new Map(rows.map((row, index) => [row.key, index])), [rows]);
  const order = useMemo(() => rows.flatMap((row) => (row.kind === "server" ? [row.server] : [])), [rows]);
  const { active, activate } = useRoving(grid, rows[0]?.key, (key) => indexOf.has(key));
  const activeIndex = active === undefined ? -1 : (indexOf.get(active) ?? -1);

  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => (rows[index]?.kind === "zone" ? ZONE_PX : SERVER_PX),
    getItemKey: (index) => rows[index]?.key ?? index,
    scrollMargin: listTop,
    scrollPaddingStart: STICKY_TOP_PX,
    scrollPaddingEnd: STICKY_BOTTOM_PX,
    overscan: 8,
    initialRect: FIRST_RECT,
    initialOffset: 0,
    rangeExtractor: (range) => {
      const near = defaultRangeExtractor(range);
      return activeIndex < 0 || near.includes(activeIndex)
        ? near
        : [...near, activeIndex].sort((left, right) => left - right);
    },
  });

  // What stands above the list (banners, messages) comes and goes, and the page grows or shrinks with it.
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() =>
      setListTop(Math.round((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY)),
    );
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);

  const go = (index: number): Row | undefined => {
    const at = Math.min(Math.max(index, 0), rows.length - 1);
    const row = rows[at];
    if (!row) return undefined;
    activate(row.key, true);
    virtual.scrollToIndex(at, { align: "auto" });
    return row;
  };
  const toggle = (row: Row, extend: boolean) => {
    if (row.kind === "zone") return act.toggleMany(row.lane.selectable);
    if (extend) return act.extend(order, anchor.current ?? row.key, row.key);
    act.toggle(row.server);
    anchor.current = row.key;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[activeIndex];
    if (!row || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "a") {
      event.preventDefault();
      return picker.selectShown();
    }
    if (event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((window.innerHeight - STICKY_TOP_PX - STICKY_BOTTOM_PX) / SERVER_PX));
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[
      event.key
    ];
    if (step !== undefined) {
      const next = go(activeIndex + step);
      if (event.shiftKey && Math.abs(step) === 1 && next?.kind === "server") {
        act.extend(order, row.kind === "server" ? row.key : next.key, next.key);
      }
    } else if (event.key === " ") toggle(row, event.shiftKey);
    else if (event.key === "ArrowRight" && row.kind === "zone") {
      if (row.open) go(activeIndex + 1);
      else picker.fold(row.lane.zone.name, true);
    } else if (event.key === "ArrowLeft" && row.kind === "zone") picker.fold(row.lane.zone.name, false);
    else if (event.key === "ArrowLeft" && row.kind === "server") go(indexOf.get(zoneKey(row.server.zone)) ?? 0);
    else if (event.key === "Enter" && row.kind === "zone") picker.fold(row.lane.zone.name, !row.open);
    else if (event.key === "Enter" && row.kind === "server" && row.server.taskId) {
      router.push(`/clusters/${clusterId}/runs/${row.server.taskId}`);
    } else return;
    event.preventDefault();
  };

  const onClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element) || event.target.closest("a")) return;
    if (window.getSelection()?.type === "Range") return; // copying an address is not picking it
    const key = event.target.closest<HTMLElement>("[data-key]")?.dataset.key;
    const row = key === undefined ? undefined : rows[indexOf.get(key) ?? -1];
    if (!row) return;
    activate(row.key, true);
    if (row.kind === "zone" && !event.target.closest("[data-tick]")) picker.fold(row.lane.zone.name, !row.open);
    else toggle(row, event.shiftKey);
  };
  const measure = useCallback((element: HTMLElement | null) => virtual.measureElement(element), [virtual]);

  return (
    <div
      ref={grid}
      role="treegrid"
      aria-label={t("grid", { cluster: clusterName })}
      aria-multiselectable="true"
      aria-rowcount={rows.length + 1}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onMouseDown={(event) => {
        if (event.shiftKey) event.preventDefault(); // a range of rows, not of letters
      }}
    >
      <ColumnHeads />
      <div ref={list} role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const row = rows[index];
          if (!row) return null;
          const place = {
            measure,
            index,
            top: start - listTop,
            position: row.position,
            of: row.of,
            active: index === activeIndex,
          };
          return row.kind === "zone" ? (
            <ZoneRow
              key={key}
              {...place}
              lane={row.lane}
              open={row.open}
              ticked={zoneTick(row.lane, selection)}
              selected={zoneSelected.get(row.lane.zone.name) ?? 0}
              toldAt={toldAt}
              minuteMs={minuteMs}
            />
          ) : (
            <ServerRow
              key={key}
              {...place}
              clusterId={clusterId}
              server={row.server}
              selected={selection.has(row.key)}
              before={picker.changed.get(row.key)}
              minuteMs={minuteMs}
              stoppedBy={stoppedBy.get(row.key) ?? null}
              words={words}
            />
          );
        })}
      </div>
    </div>
  );
}

function ColumnHeads() {
  const t = useTranslations("topology.columns");
  return (
    <div role="row" aria-rowindex={1} className={`text-sm text-ink-2 max-sm:sr-only ${ROW_COLUMNS}`}>
      <span role="columnheader" aria-label={t("pick")} />
      {(["server", "state", "agent", "since", "notes"] as const).map((column) => (
        <span key={column} role="columnheader" className="py-1">
          {t(column)}
        </span>
      ))}
    </div>
  );
}
