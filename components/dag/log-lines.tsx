"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import type { LogView } from "./use-log";

const LINE_PX = 20;
const NEAR_END_PX = 24;
const ERROR_LINE = /\b(error|failed|failure|fatal|panic|err)\b/i;

export const firstErrorLine = (lines: readonly string[]): number => lines.findIndex((line) => ERROR_LINE.test(line));

/** The lines in view; follows the end until the reader scrolls up, and counts what came since (ux D-20, D-21). */
export function LogLines({ log, atError, wrap }: { log: LogView; atError: boolean; wrap: boolean }) {
  const t = useTranslations("run.log");
  const scroller = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(!atError);
  const [seen, setSeen] = useState(0);
  const { lines, from, loaded } = log;
  const error = atError ? firstErrorLine(lines) : -1;
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are called in this component alone
  const rows = useVirtualizer<HTMLDivElement, Element>({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => from + index,
    overscan: 20,
    useFlushSync: false,
  });

  const last = lines.length - 1;
  useEffect(() => {
    if (follow && last >= 0) rows.scrollToIndex(last, { align: "end" });
  }, [follow, last, rows]);
  useEffect(() => {
    if (loaded && error >= 0) rows.scrollToIndex(error, { align: "center" });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when the log arrives: later lines move nothing
  }, [loaded]);

  function onScroll(): void {
    const box = scroller.current;
    if (!box) return;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight <= NEAR_END_PX;
    if (atEnd !== follow) {
      setFollow(atEnd);
      setSeen(from + lines.length);
    }
  }

  const missed = follow ? 0 : Math.max(0, from + lines.length - Math.max(seen, 0));
  if (loaded && lines.length === 0) return <p className="flex-1 px-3 py-4 text-ink-2">{t("empty")}</p>;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={t("label")}
        tabIndex={0}
        data-log
        onScroll={onScroll}
        className="min-h-0 flex-1 overflow-auto bg-sunken font-mono text-xs leading-5 -outline-offset-2"
        lang="en"
      >
        <div className={`relative ${wrap ? "" : "w-max min-w-full"}`} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const line = lines[item.index] ?? "";
            // Elsewhere an ERROR line may be the engine's way to wait, which is no failure (ux E10).
            const bad = atError && ERROR_LINE.test(line);
            return (
              <div
                key={item.key}
                ref={rows.measureElement}
                data-index={item.index}
                className={`absolute inset-x-0 top-0 grid grid-cols-[6ch_1fr] gap-2 px-2 ${bad ? "bg-fail-panel" : ""} ${item.index === error ? "shadow-[inset_3px_0_0_var(--fail)]" : ""}`}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <span className="text-right text-ink-3 select-none">{from + item.index + 1}</span>
                <span className={wrap ? "whitespace-pre-wrap" : "whitespace-pre"}>{line}</span>
              </div>
            );
          })}
        </div>
      </div>
      {missed > 0 ? (
        <Button look="primary" className="absolute right-4 bottom-3 min-h-8! py-1!" onClick={() => setFollow(true)}>
          {t("newLines", { n: missed })} ↓
        </Button>
      ) : null}
    </div>
  );
}
