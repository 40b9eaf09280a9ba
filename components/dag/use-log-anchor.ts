"use client";

import { useRef, type RefObject } from "react";

/** A line and how far below the top of the box it stands, in pixels. */
interface Anchor {
  line: number;
  top: number;
}

export interface LogAnchor {
  /** How far the person scrolled, 0 when it was this hook; what they see first is held from then on. */
  scrolled: () => number;
  /** Brings a line to a place of one's own choice, and holds it there. */
  put: (line: number, top: number) => void;
  /** Puts the line that is held back where it stood. To be called after everything that may have moved it. */
  hold: () => void;
  toEnd: () => void;
  firstInView: () => number | null;
}

/**
 * Keeps what is read where it is, whatever is drawn, measured or added above it (ux L-8). Nothing else may move the box:
 * not every browser anchors by itself, and two that correct the same shift make a shift.
 */
export function useLogAnchor(
  box: RefObject<HTMLElement | null>,
  /** Where a line that is not drawn is likely to be, from the start of the log. */
  guess: (line: number) => number | null,
): LogAnchor {
  const anchor = useRef<Anchor | null>(null);
  /** How far the box was scrolled when last looked at; what differs from it was scrolled by the person. */
  const lastTop = useRef(0);
  const lastHeight = useRef(0);

  const scrolled = () => {
    const element = box.current;
    const by = element ? element.scrollTop - lastTop.current : 0;
    if (!element || by === 0) return 0;
    lastTop.current = element.scrollTop;
    anchor.current = firstIn(element);
    return by;
  };
  /** From the start of the log, in pixels. */
  const placeOf = (line: number, element: HTMLElement): number | null => {
    const drawn = element.querySelector(`[data-line="${line}"]`);
    return drawn ? element.scrollTop + topIn(element, drawn) : guess(line);
  };
  const hold = () => {
    const element = box.current;
    const held = element && (anchor.current ??= firstIn(element));
    const place = held && placeOf(held.line, element);
    if (!held || place === null) return;
    // Scrolled, and the event is still to come; where there is less to scroll than before it is the browser's doing.
    const isShorter = element.scrollHeight < lastHeight.current && distanceToEnd(element) < 1;
    const by = isShorter ? 0 : element.scrollTop - lastTop.current;
    const top = place - held.top + by;
    if (Math.abs(top - element.scrollTop) >= 1) element.scrollTo({ top, behavior: "instant" });
    lastTop.current = element.scrollTop - by;
    lastHeight.current = element.scrollHeight;
  };
  return {
    scrolled,
    put(line, top) {
      const element = box.current;
      const place = element && placeOf(line, element);
      if (!element || place === null) return;
      element.scrollTo({ top: place - top, behavior: "instant" });
      lastTop.current = element.scrollTop;
      anchor.current = { line, top: place - element.scrollTop }; // near the start or the end it cannot be had where asked for
    },
    hold,
    toEnd() {
      box.current?.scrollTo({ top: box.current.scrollHeight, behavior: "instant" });
      lastTop.current = box.current?.scrollTop ?? 0;
    },
    firstInView: () => (box.current && firstIn(box.current)?.line) ?? null,
  };
}

export const distanceToEnd = (box: HTMLElement) => box.scrollHeight - box.scrollTop - box.clientHeight;

const topIn = (box: HTMLElement, line: Element) => line.getBoundingClientRect().top - box.getBoundingClientRect().top;

/** The first line in view; none while what is in view is not drawn yet. */
function firstIn(box: HTMLElement): Anchor | null {
  for (const drawn of box.querySelectorAll<HTMLElement>("[data-line]")) {
    const top = topIn(box, drawn);
    if (top + drawn.offsetHeight > 0) return top < box.clientHeight ? { line: Number(drawn.dataset.line), top } : null;
  }
  return null;
}
