"use client";

import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { useState, type ReactNode } from "react";
import { useAbilities } from "@/components/layout/abilities";
import { useShortcuts } from "@/components/ui/use-shortcuts";
import { keysOf } from "@/lib/keys-of";
import { whyNotSelectable } from "@/lib/lifecycle/impact";
import { startsWithZone, whyNotStartable } from "@/lib/lifecycle/start-impact";
import type { PickerState } from "./use-picker";

/** More than this is only cleared after one question (ux §15, Esc). */
const CLEARED_AT_ONCE = 10;

function Act({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="min-h-6 rounded-[3px] underline underline-offset-2 hover:no-underline max-sm:min-h-11 max-sm:min-w-11"
    >
      {children}
    </button>
  );
}

/** What is selected, what of it is out of sight, and what became of a search, a list or a select-all (ux K-6…K-10). */
export function SelectionLine({ clusterId, picker }: { clusterId: string; picker: PickerState }) {
  const t = useTranslations("topology.selection");
  const { selection, hidden, servers, selectable, shownSelectable, filtering } = picker;
  const { mayStop } = useAbilities();
  const startable = servers.filter((server) => whyNotStartable(server) === null);
  const [asksClear, setAsksClear] = useState(false);
  const n = selection.size;
  const clear = () => {
    picker.act.clear();
    picker.dropQuestion();
    setAsksClear(false);
  };
  useShortcuts({
    Escape: () => {
      if (n > CLEARED_AT_ONCE) setAsksClear(true);
      else if (n > 0) clear();
    },
  });
  const offersShown = shownSelectable.some((address) => !selection.has(address)) && !picker.asksForAll;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 pb-2 text-sm max-sm:text-base">
      {hidden > 0 ? (
        <span className="font-medium">
          {t("hidden", { n, hidden })} — <Act onClick={picker.showSelected}>{t("show")}</Act>
        </span>
      ) : (
        <span className={n > 0 ? "font-medium" : "text-ink-2"}>{t("count", { n, total: servers.length })}</span>
      )}
      {n > 0 && !asksClear ? <Act onClick={clear}>{t("clear")}</Act> : null}
      {asksClear && n > 0 ? (
        <span role="alert" className="flex flex-wrap gap-x-3">
          {t("clearAsk", { n })} <Act onClick={clear}>{t("clearGo", { n })}</Act>
          <Act onClick={() => setAsksClear(false)}>{t("clearKeep", { n })}</Act>
        </span>
      ) : null}
      {offersShown ? <Act onClick={picker.selectShown}>{t("selectShown", { n: shownSelectable.length })}</Act> : null}
      {picker.asksForAll ? (
        <span role="status" className="flex flex-wrap gap-x-3">
          {filtering ? t("shownSelected", { n: shownSelectable.length }) : t("shown", { n: shownSelectable.length })}
          <Act onClick={picker.selectAll}>{t("selectAll", { n: selectable.length })}</Act>
        </span>
      ) : null}
      <Messages picker={picker} />
      {mayStop && startable.length > 0 ? (
        <Link
          href={`/clusters/${clusterId}/start`}
          prefetch={false}
          className="inline-flex min-h-6 items-center underline underline-offset-2 hover:no-underline max-sm:min-h-11 sm:ml-auto"
        >
          {t(startable.every(startsWithZone) ? "startZone" : "start")}
        </Link>
      ) : null}
    </div>
  );
}

function Messages({ picker }: { picker: PickerState }) {
  const t = useTranslations("topology.selection");
  const states = useTranslations("common.state");
  const format = useFormatter();
  const { list } = picker.found;
  const dropped = picker.dropped.map(({ address, why }) => {
    if (why === "gone") return t("droppedGone", { address });
    return why === "agentless" ? t("droppedAgentless", { address }) : t("droppedOne", { address, state: states(why) });
  });
  return (
    <>
      {list ? (
        <span
          role="status"
          tabIndex={list.unknown.length > 0 ? 0 : undefined}
          className={list.unknown.length > 0 ? "max-h-28 overflow-y-auto font-medium" : "text-ink-2"}
        >
          {list.unknown.length > 0
            ? t("pastedUnknown", {
                n: list.entries,
                matched: list.matched,
                unknown: list.unknown.length,
                list: list.unknown.join(", "),
              })
            : t("pasted", { n: list.entries, matched: list.matched })}
        </span>
      ) : null}
      {dropped.length > 0 || picker.expired > 0 ? (
        <span role="status" tabIndex={0} className="max-h-28 w-full overflow-y-auto font-medium">
          {dropped.length > 0 ? t("dropped", { list: format.list(dropped) }) : t("expired", { n: picker.expired })}{" "}
          <Act onClick={picker.dismiss}>{t("dismiss")}</Act>
        </span>
      ) : null}
    </>
  );
}

/** Instead of an empty list: why it is empty, what is still selected, and the way back. */
export function NothingShown({ picker }: { picker: PickerState }) {
  const t = useTranslations("topology.selection");
  const filter = useTranslations("topology.filter");
  const text = picker.filter.text.trim();
  return (
    <div role="status" className="space-y-2 border-y px-4 py-10 text-center">
      <p>{text ? t("noMatch", { text }) : t("noMatchFilter")}</p>
      {picker.hidden > 0 ? <p>{t("noMatchHidden", { n: picker.hidden })}</p> : null}
      <Act onClick={picker.clearFilter}>{filter("clear")}</Act>
    </div>
  );
}

const WHY: Record<NonNullable<ReturnType<typeof whyNotSelectable>>, true> = {
  "already-stopped": true,
  deleting: true,
  "in-a-run": true,
  "no-agent": true,
  "agent-unclear": true,
};

/** When not one server can be picked: how many for which reason (ux §19). */
export function NothingSelectable({ picker }: { picker: PickerState }) {
  const t = useTranslations("topology.selection");
  const format = useFormatter();
  if (picker.selectable.length > 0 || picker.servers.length === 0) return null;
  const reasons = keysOf(WHY).flatMap((why) => {
    const n = picker.servers.filter((server) => whyNotSelectable(server) === why).length;
    return n > 0 ? [t(`nothingWhy.${why}`, { n })] : [];
  });
  return (
    <p className="px-4 pb-2">
      {t("nothingSelectable")} {format.list(reasons)}
    </p>
  );
}
