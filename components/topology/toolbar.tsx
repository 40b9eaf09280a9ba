"use client";

import { useTranslations } from "next-intl";
import { useRef, useState, type ClipboardEvent } from "react";
import { useShortcuts } from "@/components/ui/use-shortcuts";
import { FILTER_STATES, isOfState, UNHEARD, type Filter } from "./filter";
import type { PickerState } from "./use-picker";

const FIELD = "min-h-9 max-w-full rounded-[4px] border border-line-strong bg-panel px-2 max-sm:min-h-11";

/** What is shown of the cluster, and in which form. Nothing here changes what is selected (ux K-9). */
export function Toolbar({ picker, onRefresh }: { picker: PickerState; onRefresh: () => Promise<unknown> }) {
  const t = useTranslations("topology.filter");
  const { filter, change, servers } = picker;
  const search = useRef<HTMLInputElement>(null);
  const [refreshing, setRefreshing] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const refresh = () => {
    if (refreshing) return;
    setRefreshing(true);
    void onRefresh().finally(() => setRefreshing(false));
  };
  useShortcuts({
    "/": (event) => {
      event.preventDefault();
      search.current?.focus();
      search.current?.select();
    },
    r: refresh,
  });
  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = event.clipboardData.getData("text");
    if (!/[\r\n\t]/.test(pasted)) return;
    // A one-line field would run the lines of a ticket together.
    event.preventDefault();
    const field = event.currentTarget;
    const [start, end] = [field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length];
    const text = pasted.trim().replaceAll(/[\r\n\t]+/g, " ");
    change({ text: field.value.slice(0, start) + text + field.value.slice(end) });
  };
  const zoneNames = [...new Set(servers.map((server) => server.zone))];
  const countOf = (state: Filter["state"]) => servers.filter((server) => isOfState(server, state)).length;

  return (
    <search aria-label={t("label")} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 pt-3 pb-2">
      <span className="relative min-w-0 flex-1 basis-40 sm:basis-60">
        <input
          ref={search}
          type="search"
          value={filter.text}
          onChange={(event) => change({ text: event.target.value })}
          onPaste={onPaste}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            event.currentTarget.blur();
          }}
          aria-label={t("search")}
          aria-keyshortcuts="/"
          placeholder={t("searchHint")}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className={`${FIELD} w-full pr-8 font-mono`}
        />
        <kbd
          aria-hidden="true"
          className="pointer-events-none absolute inset-y-0 right-2 grid place-items-center font-mono text-sm text-ink-3 max-sm:hidden"
        >
          {filter.text ? "" : "/"}
        </kbd>
      </span>
      <button
        type="button"
        aria-expanded={unfolded}
        onClick={() => setUnfolded(!unfolded)}
        className={`${FIELD} sm:hidden ${picker.filtering ? "font-semibold" : ""}`}
      >
        {t("label")} <span aria-hidden="true">{unfolded ? "▴" : "▾"}</span>
      </button>
      <span className={`contents ${unfolded ? "" : "max-sm:*:hidden"}`}>
        <select
          aria-label={t("state")}
          value={filter.state}
          onChange={(event) => change({ state: FILTER_STATES.find((state) => state === event.target.value) ?? "" })}
          className={FIELD}
        >
          <option value="">{t("anyState")}</option>
          <StateOptions chosen={filter.state} countOf={countOf} />
        </select>
        <select
          aria-label={t("zone")}
          value={filter.zone}
          onChange={(event) => change({ zone: event.target.value })}
          className={FIELD}
        >
          <option value="">{t("anyZone")}</option>
          {zoneNames.map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </select>
        <label className="inline-flex min-h-9 items-center gap-2 max-sm:min-h-11">
          <input
            type="checkbox"
            checked={filter.onlySelected}
            onChange={(event) => picker.onlySelected(event.target.checked)}
            className="size-4 accent-ink"
          />
          {t("onlySelected")}
        </label>
        <fieldset className="inline-flex overflow-hidden rounded-[4px] border border-line-strong">
          <legend className="sr-only">{t("view")}</legend>
          {(["rows", "tiles"] as const).map((view) => (
            <label
              key={view}
              className="relative inline-flex min-h-8.5 items-center px-2.5 has-checked:bg-ink has-checked:text-paper has-focus-visible:outline-2 has-focus-visible:-outline-offset-4 has-focus-visible:outline-focus max-sm:min-h-11"
            >
              <input
                type="radio"
                name="view"
                checked={picker.view === view}
                onChange={() => picker.setView(view)}
                className="absolute inset-0 m-0 cursor-pointer opacity-0"
              />
              {t(view)}
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          onClick={refresh}
          aria-keyshortcuts="r"
          className="min-h-9 rounded-[4px] px-2 text-ink-2 underline-offset-2 hover:text-ink hover:underline max-sm:min-h-11"
        >
          {t(refreshing ? "refreshing" : "refresh")}
        </button>
      </span>
    </search>
  );
}

/** Those that there are, and what is chosen also when it has come to none. */
function StateOptions({ chosen, countOf }: { chosen: Filter["state"]; countOf: (state: Filter["state"]) => number }) {
  const t = useTranslations("topology.filter");
  const states = useTranslations("common.state");
  const agent = useTranslations("common.agent");
  return FILTER_STATES.toReversed().map((state) => {
    const n = countOf(state);
    return n === 0 && state !== chosen ? null : (
      <option key={state} value={state}>
        {t("option", { name: state === UNHEARD ? agent("option") : states(state), n })}
      </option>
    );
  });
}
