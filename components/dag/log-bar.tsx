"use client";

import { useTranslations } from "next-intl";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { useCopy } from "@/components/ui/use-copy";
import { useShortcuts } from "@/components/ui/use-shortcuts";
import type { LogView } from "./use-log";
import type { LogSearch } from "./use-log-search";

const SMALL = "min-h-7! px-2! py-0! text-sm max-sm:min-h-11!";

/** What can be done with a log: search, wrap, copy what is loaded, download all of it (ux D-19, D-20, D-21). */
export function LogBar({
  log,
  search,
  wrap,
  onWrap,
  aloud,
  onAloud,
  file,
}: {
  log: LogView;
  search: LogSearch;
  wrap: boolean;
  onWrap: () => void;
  /** New errors are read out. */
  aloud: boolean;
  onAloud: () => void;
  /** Where the whole log is to be had. */
  file: string;
}) {
  const t = useTranslations("run.log");
  const { said, copy } = useCopy();
  return (
    <div className="flex flex-wrap items-center gap-1 border-b px-2 py-1">
      <Search search={search} reading={log.readingOlder} />
      <span className="flex-1 px-1 text-sm text-ink-2">
        {log.from > 0
          ? t("lastLines", { n: log.lines.length, total: log.from + log.lines.length })
          : t("lines", { n: log.lines.length })}
      </span>
      {log.older ? (
        <Button look="quiet" className={SMALL} blocked={log.readingOlder} onClick={log.older}>
          {t("older")}
        </Button>
      ) : null}
      <Button look="quiet" className={SMALL} aria-pressed={wrap} onClick={onWrap}>
        {t("wrap")}
      </Button>
      <Button look="quiet" className={SMALL} aria-pressed={aloud} onClick={onAloud}>
        {t("aloud")}
      </Button>
      <Button look="quiet" className={SMALL} onClick={() => void copy(log.lines.join("\n"))}>
        <span role="status">{t(said ?? "copy")}</span>
      </Button>
      <a
        href={file}
        download
        className="inline-flex min-h-7 items-center rounded-[5px] px-2 text-sm font-medium text-ink-2 underline decoration-line-strong underline-offset-4 hover:bg-sunken hover:text-ink max-sm:min-h-11"
      >
        {t("download")}
      </a>
    </div>
  );
}

function Search({ search, reading }: { search: LogSearch; reading: boolean }) {
  const t = useTranslations("run.log");
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({
    "/": (event) => {
      event.preventDefault();
      input.current?.focus();
    },
  });
  const leave = () => {
    search.look("");
    document.querySelector<HTMLElement>("[data-log]")?.focus();
  };
  const count = () => {
    if (search.shown === "") return null;
    if (search.found === 0) return t(reading ? "searching" : "foundNone");
    return t("found", { at: search.place, n: search.found });
  };
  return (
    <div role="search" className="flex basis-full items-center gap-1">
      <input
        ref={input}
        type="search"
        aria-label={t("search")}
        placeholder={t("search")}
        spellCheck={false}
        autoComplete="off"
        value={search.text}
        onChange={(event) => search.look(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter") search.go(event.shiftKey ? -1 : 1);
          if (event.key === "Escape") leave();
        }}
        className="min-h-7 min-w-0 flex-1 rounded-[3px] border border-line-strong bg-paper px-2 text-sm max-sm:min-h-11"
      />
      <span role="status" className="text-sm text-ink-2">
        {count()}
      </span>
      {search.found > 0 ? (
        <>
          <Button look="quiet" className={SMALL} aria-label={t("previous")} onClick={() => search.go(-1)}>
            ↑
          </Button>
          <Button look="quiet" className={SMALL} aria-label={t("next")} onClick={() => search.go(1)}>
            ↓
          </Button>
        </>
      ) : null}
    </div>
  );
}
