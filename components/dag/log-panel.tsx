"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { useAnnounce } from "@/components/ui/announcer";
import { FailureNote } from "@/components/ui/failure-note";
import { LogBar } from "./log-bar";
import { LogLines } from "./log-lines";
import { isErrorLine } from "./log-text";
import { useLog, type LogView } from "./use-log";
import { useLogScroll, type LogScroll } from "./use-log-scroll";
import { useLogSearch } from "./use-log-search";

/** The log of one task, from `base`: its last error first, then the lines with what can be done with them. */
export function LogPanel({ base, live, failed }: { base: string; live: boolean; failed: boolean }) {
  const t = useTranslations("run.log");
  const log = useLog(base, live);
  const box = useRef<HTMLDivElement>(null);
  const scroll = useLogScroll(log, failed, box);
  const search = useLogSearch(log, scroll);
  const [wrap, setWrap] = useState(true);
  const [aloud, setAloud] = useState(false);
  useErrorsAloud(log, aloud);
  return (
    <>
      {log.failure ? (
        <div className="p-2">
          <FailureNote failure={log.failure} live={false} />
        </div>
      ) : null}
      {failed ? <LastError log={log} scroll={scroll} /> : null}
      <LogBar
        {...{ log, search, wrap, aloud }}
        onWrap={() => {
          setWrap(!wrap);
          scroll.rows.measure();
        }}
        onAloud={() => setAloud(!aloud)}
        file={`${base}?whole=1`}
      />
      {log.loaded ? (
        <LogLines log={log} box={box} scroll={scroll} atError={failed} wrap={wrap} find={search.shown} at={search.at} />
      ) : (
        <p className="flex-1 px-3 py-4 text-ink-2">{t("loading")}</p>
      )}
    </>
  );
}

/** What a failed task said last, whatever came before it; the log itself opens at its first error line (ux D-16). */
function LastError({ log, scroll }: { log: LogView; scroll: LogScroll }) {
  const t = useTranslations("run.log");
  const at = log.lines.findLastIndex(isErrorLine);
  if (at < 0) return null;
  return (
    <div className="border-b border-l-2 border-l-fail bg-fail-panel px-3 py-1.5">
      <button
        type="button"
        className="inline-flex min-h-6 items-center text-sm underline underline-offset-2 max-sm:min-h-11"
        onClick={() => scroll.goTo(log.from + at)}
      >
        {t("lastError", { line: log.from + at + 1 })}
      </button>
      <p className="line-clamp-3 font-mono text-xs select-all [overflow-wrap:anywhere]" lang="en">
        {log.lines[at]}
      </p>
    </div>
  );
}

/** Reads new error lines out, the last of those that came together (ux D-21). */
function useErrorsAloud({ from, lines, loaded }: LogView, aloud: boolean): void {
  const announce = useAnnounce();
  const end = from + lines.length;
  const heard = useRef(end);
  useEffect(() => {
    const fresh = loaded ? lines.slice(Math.max(0, heard.current - from)) : [];
    heard.current = end;
    const error = aloud ? fresh.findLast(isErrorLine) : undefined;
    if (error !== undefined) announce(error);
  }, [announce, aloud, loaded, lines, from, end]);
}
