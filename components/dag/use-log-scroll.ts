"use client";

import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useState, type RefObject } from "react";
import { isErrorLine } from "./log-text";
import type { LogView } from "./use-log";
import { distanceToEnd, useLogAnchor } from "./use-log-anchor";

const LINE_PX = 20;
/** Lines are drawn and measured in blocks of so many: 100,000 lines are then 2,000 places, not 100,000. */
const BLOCK_LINES = 50;
const NEAR_END_PX = 24;
/** Older lines are read before the first loaded one comes into view. */
const NEAR_START_PX = 600;

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

  useEffect(() => {
    rows.shouldAdjustScrollPositionOnItemSizeChange = () => false; // the anchor alone moves the box
  }, [rows]);

  const anchor = useLogAnchor(box, (line) => {
    const index = Math.floor((line - origin) / BLOCK_LINES) - first;
    const [start, next] = linesOf(index);
    const block = rows.measurementsCache[index];
    return block ? block.start + (block.size * (line - start)) / (next - start) : null;
  });
  const height = rows.getTotalSize();
  useLayoutEffect(() => {
    if (follow) anchor.toEnd();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- when there is more to follow, not when the person is near the end
  }, [follow, end, height]);
  useLayoutEffect(() => {
    if (!follow) anchor.hold(); // after every render: each may have drawn, measured or added blocks
  });

  const readAhead = () => {
    if (box.current && box.current.scrollTop < NEAR_START_PX && !log.readingOlder) log.older?.();
  };
  const put = (line: number, top: number) => {
    setFollow(false);
    setSeen(end);
    anchor.put(line, top);
    readAhead();
  };
  const goTo = (line: number) => put(line, (box.current?.clientHeight ?? 0) / 2);
  const failed = loaded && atError;
  useEffect(() => {
    if (!failed) return;
    const error = lines.findIndex(isErrorLine);
    if (error >= 0) goTo(from + error);
    else setFollow(true);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the log of a failed task is there (ux D-16)
  }, [failed]);

  const onScroll = () => {
    const by = anchor.scrolled();
    if (by === 0 || !box.current) return;
    if (distanceToEnd(box.current) <= NEAR_END_PX) setFollow(true);
    else if (by < 0 && follow) {
      setFollow(false);
      setSeen(end);
    }
    if (by < 0) readAhead();
  };
  return {
    rows,
    linesOf,
    follow,
    missed: follow ? 0 : Math.max(0, end - seen),
    toEnd: () => setFollow(true),
    toStart: () => put(from, 0),
    goTo,
    firstInView: () => anchor.firstInView() ?? from,
    onScroll,
  };
}
