"use client";

import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import { isErrorLine } from "./log-text";
import type { LogView } from "./use-log";

const LINE_PX = 20;
/** Lines are drawn and measured in blocks of so many: 100,000 lines are then 2,000 places, not 100,000. */
const BLOCK_LINES = 50;
const NEAR_END_PX = 24;
/** Older lines are read before the first loaded one comes into view. */
const NEAR_START_PX = 600;
/** Blocks that come into view are measured, which moves what is below; a line is aimed at again so many times. */
const AIMS = 6;
const AIMED_PX = 2;

export interface LogScroll {
  rows: Virtualizer<HTMLDivElement, Element>;
  /** First and last line, without the last itself, of a block in the order of `rows`. */
  linesOf: (index: number) => [number, number];
  follow: boolean;
  /** Lines that came since following paused. */
  missed: number;
  toEnd: () => void;
  toStart: () => void;
  /** Brings a line into the middle. */
  goTo: (line: number) => void;
  /** The first line in view. */
  firstInView: () => number;
  onScroll: () => void;
}

/** Where the reader is in a log: follows the end until they scroll up, and stays put while lines come (ux D-20, L-8). */
export function useLogScroll(log: LogView, atError: boolean, box: RefObject<HTMLDivElement | null>): LogScroll {
  const { from, lines, origin, loaded } = log;
  const end = from + lines.length;
  const first = Math.floor((from - origin) / BLOCK_LINES);
  const lastTop = useRef(0);
  const [follow, setFollow] = useState(!atError);
  const [seen, setSeen] = useState(0);
  const linesOf = (index: number): [number, number] => {
    const start = origin + (first + index) * BLOCK_LINES;
    return [Math.max(from, start), Math.min(end, start + BLOCK_LINES)];
  };
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are called by this hook's component alone
  const rows = useVirtualizer<HTMLDivElement, Element>({
    count: lines.length === 0 ? 0 : Math.floor((end - 1 - origin) / BLOCK_LINES) - first + 1,
    getScrollElement: () => box.current,
    estimateSize: (index) => (linesOf(index)[1] - linesOf(index)[0]) * LINE_PX,
    getItemKey: (index) => first + index,
    overscan: 1,
  });

  const firstBefore = useRef(first);
  useLayoutEffect(() => {
    const added = rows.measurementsCache[firstBefore.current - first];
    if (first < firstBefore.current && added && box.current) box.current.scrollTop += added.start;
    firstBefore.current = first;
  }, [first, rows, box]);

  const height = rows.getTotalSize();
  useLayoutEffect(() => {
    const element = box.current;
    if (follow && element) element.scrollTop = element.scrollHeight;
  }, [follow, end, height, box]);

  const goTo = (line: number) => {
    setFollow(false);
    setSeen(end);
    const element = box.current;
    const index = Math.floor((line - origin) / BLOCK_LINES) - first;
    const block = rows.measurementsCache[index];
    if (!element || !block) return;
    const inBlock = (line - linesOf(index)[0]) * LINE_PX;
    element.scrollTop = block.start + inBlock - element.clientHeight / 2;
    aim(element, line, AIMS);
  };
  const failed = loaded && atError;
  useEffect(() => {
    if (!failed) return;
    const error = lines.findIndex(isErrorLine);
    if (error >= 0) goTo(from + error);
    else setFollow(true);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the log of a failed task is there (ux D-16)
  }, [failed]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const wentUp = scrollTop < lastTop.current;
    lastTop.current = scrollTop;
    if (scrollHeight - scrollTop - clientHeight <= NEAR_END_PX) setFollow(true);
    else if (wentUp && follow) {
      setFollow(false);
      setSeen(end);
    }
    if (wentUp && scrollTop < NEAR_START_PX && !log.readingOlder) log.older?.();
  };
  return {
    rows,
    linesOf,
    follow,
    missed: follow ? 0 : Math.max(0, end - seen),
    toEnd: () => setFollow(true),
    toStart: () => box.current?.scrollTo({ top: 0, behavior: "instant" }),
    goTo,
    firstInView: () => lineAt(box.current) ?? from,
    onScroll,
  };
}

function aim(box: HTMLElement, line: number, times: number): void {
  requestAnimationFrame(() => {
    const target = box.querySelector(`[data-line="${line}"]`);
    const { top, height } = box.getBoundingClientRect();
    const off = target ? target.getBoundingClientRect().top - top - height / 2 : Infinity;
    if (Number.isFinite(off) && Math.abs(off) > AIMED_PX) box.scrollTop += off;
    if (times > 1) aim(box, line, times - 1);
  });
}

function lineAt(box: HTMLElement | null): number | null {
  if (!box) return null;
  const { top } = box.getBoundingClientRect();
  const shown = [...box.querySelectorAll<HTMLElement>("[data-line]")];
  const line = shown.find((one) => one.getBoundingClientRect().bottom > top)?.dataset.line;
  return line === undefined ? null : Number(line);
}
