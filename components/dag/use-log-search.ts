"use client";

import { useDeferredValue, useMemo, useState } from "react";
import { findLines } from "./log-text";
import type { LogScroll } from "./use-log-scroll";
import type { LogView } from "./use-log";

export interface LogSearch {
  text: string;
  /** What is marked; follows the text when the browser has time. */
  shown: string;
  /** Searching begins by reading every older line. */
  look: (text: string) => void;
  found: number;
  /** Which find, from 1; 0 before one was gone to. */
  place: number;
  /** The line of it. */
  at: number | null;
  go: (step: 1 | -1) => void;
}

/** A search through the whole log. Typing moves nothing; going to a find does (ux D-20). */
export function useLogSearch(log: LogView, scroll: LogScroll): LogSearch {
  const [text, setText] = useState("");
  const [at, setAt] = useState<number | null>(null);
  const shown = useDeferredValue(text.trim());
  const { from, lines } = log;
  const found = useMemo(() => findLines({ from, lines }, shown), [from, lines, shown]);
  const isFind = at !== null && found.includes(at);
  return {
    text,
    shown,
    look(next) {
      if (text === "" && next !== "") log.all?.();
      setText(next);
      setAt(null);
    },
    found: found.length,
    place: isFind ? found.indexOf(at) + 1 : 0,
    at: isFind ? at : null,
    go(step) {
      const here = at ?? scroll.firstInView() - step;
      const next =
        step === 1
          ? (found.find((line) => line > here) ?? found[0])
          : (found.findLast((line) => line < here) ?? found.at(-1));
      if (next === undefined) return;
      setAt(next);
      scroll.goTo(next);
    },
  };
}
