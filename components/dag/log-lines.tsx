"use client";

import { useTranslations } from "next-intl";
import { memo, type Ref } from "react";
import { Button } from "@/components/ui/button";
import { isErrorLine, splitAt, type Lines } from "./log-text";
import type { LogScroll } from "./use-log-scroll";

/** The lines in view, in blocks; silent for a screen reader unless it asks for errors (ux D-20, D-21). */
export function LogLines({
  log,
  box,
  scroll,
  atError,
  wrap,
  find,
  at,
}: {
  log: Lines;
  box: Ref<HTMLDivElement>;
  scroll: LogScroll;
  /** Errors are marked. Elsewhere an ERROR line may be the engine's way to wait, which is no failure (ux E10). */
  atError: boolean;
  wrap: boolean;
  find: string;
  /** The line that a search or an error stands at. */
  at: number | null;
}) {
  const t = useTranslations("run.log");
  const { rows } = scroll;
  const blocks = rows.getVirtualItems();
  if (log.lines.length === 0) return <p className="flex-1 px-3 py-4 text-ink-2">{t("empty")}</p>;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={box}
        role="log"
        aria-live="off"
        aria-label={t("label")}
        tabIndex={0}
        data-log
        onScroll={scroll.onScroll}
        onKeyDown={(event) => {
          if (event.key !== "End" && event.key !== "Home") return;
          event.preventDefault(); // the browser would glide to where the end was before those lines were measured
          if (event.key === "End") scroll.toEnd();
          else scroll.toStart();
        }}
        className="min-h-0 flex-1 overflow-auto bg-sunken font-mono text-xs leading-5 -outline-offset-2 [overflow-anchor:none]"
        lang="en"
      >
        <div className="relative" style={{ height: rows.getTotalSize() }}>
          <div
            className={wrap ? "" : "w-max min-w-full"}
            style={{ transform: `translateY(${blocks[0]?.start ?? 0}px)` }}
          >
            {blocks.map((block) => {
              const [start, end] = scroll.linesOf(block.index);
              return (
                <div key={block.key} ref={rows.measureElement} data-index={block.index}>
                  <Block
                    lines={log.lines}
                    first={log.from}
                    start={start}
                    end={end}
                    {...{ wrap, atError, find }}
                    at={at !== null && at >= start && at < end ? at : null}
                  />
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {scroll.missed > 0 ? (
        <Button look="primary" className="absolute right-4 bottom-3 min-h-8! py-1!" onClick={scroll.toEnd}>
          {t("newLines", { n: scroll.missed })} ↓
        </Button>
      ) : null}
    </div>
  );
}

interface BlockProps {
  lines: readonly string[];
  /** Number of the first loaded line. */
  first: number;
  start: number;
  end: number;
  wrap: boolean;
  atError: boolean;
  find: string;
  at: number | null;
}

const Block = memo(function Block({ lines, first, start, end, wrap, atError, find, at }: BlockProps) {
  return lines.slice(start - first, end - first).map((line, index) => {
    const number = start + index;
    const bad = atError && isErrorLine(line);
    return (
      <div
        key={number}
        data-line={number}
        className={`grid grid-cols-[6ch_1fr] gap-2 px-2 ${bad ? "bg-fail-panel" : ""} ${number === at ? "shadow-[inset_3px_0_0_var(--focus)]" : ""}`}
      >
        <span className="text-right text-ink-3 select-none">{number + 1}</span>
        <span className={wrap ? "whitespace-pre-wrap [overflow-wrap:anywhere]" : "whitespace-pre"}>
          {find === ""
            ? line
            : splitAt(line, find).map((part, place) => <Part key={place} text={part} hit={place % 2 === 1} />)}
        </span>
      </div>
    );
  });
});

const Part = ({ text, hit }: { text: string; hit: boolean }) => (hit ? <mark>{text}</mark> : text);
