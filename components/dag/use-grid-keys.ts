"use client";

import type { Virtualizer } from "@tanstack/react-virtual";
import { useState, type KeyboardEvent, type MouseEvent, type RefObject } from "react";
import { flushSync } from "react-dom";
import type { Line } from "./order-keeper";

const PAGE = 12;

interface Spot {
  key: string;
  col: number;
}

/** One tab stop, roving focus, folding with left and right on a zone's line (ux §15, B-1). */
export function useGridKeys({
  lines,
  grid,
  rows,
  columnsOf,
  onOpen,
  onToggle,
}: {
  lines: readonly Line[];
  grid: RefObject<HTMLElement | null>;
  rows: Virtualizer<HTMLDivElement, Element>;
  /** Columns of a line that can hold focus, ascending. */
  columnsOf: (line: Line) => readonly number[];
  onOpen: (taskId: string) => void;
  onToggle: (group: string, open?: boolean) => void;
}) {
  const [spot, setSpot] = useState<Spot>({ key: lines[0]?.key ?? "", col: 0 });
  const found = lines.findIndex((line) => line.key === spot.key);
  const at = Math.max(0, found);

  function focus(index: number, col: number): void {
    const line = lines[Math.max(0, Math.min(lines.length - 1, index))];
    if (!line) return;
    const columns = columnsOf(line);
    const near = columns.findLast((one) => one <= col) ?? columns[0] ?? 0;
    rows.scrollToIndex(lines.indexOf(line));
    flushSync(() => setSpot({ key: line.key, col: near }));
    const target = `[data-line="${lines.indexOf(line)}"] [data-col="${near}"]`;
    requestAnimationFrame(() => grid.current?.querySelector<HTMLElement>(target)?.focus({ preventScroll: true }));
  }

  function sideways(step: 1 | -1): void {
    const line = lines[at];
    if (!line) return;
    if (line.kind === "group") return onToggle(line.key, step === 1);
    const columns = columnsOf(line);
    const next = columns[columns.indexOf(spot.col) + step];
    if (next !== undefined) focus(at, next);
    else if (step === -1 && line.kind === "row")
      focus(
        lines.findLastIndex((one, i) => i < at && one.kind === "group"),
        0,
      );
  }

  function act(target: HTMLElement): void {
    if (target.dataset["group"]) onToggle(target.dataset["group"]);
    else if (target.dataset["task"]) onOpen(target.dataset["task"]);
  }

  const moves: Record<string, () => void> = {
    ArrowDown: () => focus(at + 1, spot.col),
    ArrowUp: () => focus(at - 1, spot.col),
    ArrowRight: () => sideways(1),
    ArrowLeft: () => sideways(-1),
    PageDown: () => focus(at + PAGE, spot.col),
    PageUp: () => focus(at - PAGE, spot.col),
  };

  function onKeyDown(event: KeyboardEvent): void {
    const far = event.ctrlKey || event.metaKey;
    if (event.altKey || !(event.target instanceof HTMLElement)) return;
    const line = lines[at];
    if (event.key === "Home") focus(far ? 0 : at, 0);
    else if (event.key === "End") focus(far ? lines.length - 1 : at, line ? (columnsOf(line).at(-1) ?? 0) : 0);
    else if (event.key === "Enter" || event.key === " ") act(event.target);
    else if (!far && moves[event.key]) moves[event.key]?.();
    else return;
    event.preventDefault();
  }

  function onClick(event: MouseEvent): void {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-col]") : null;
    const index = Number(cell?.closest<HTMLElement>("[data-line]")?.dataset["line"]);
    const line = lines[index];
    if (!cell || !line) return;
    setSpot({ key: line.key, col: Number(cell.dataset["col"]) });
    act(cell);
  }

  const col = columnsOf(lines[at] ?? { kind: "coordinator", key: "" }).includes(spot.col) ? spot.col : 0;
  return { at, col, onKeyDown, onClick };
}
