"use client";

import { useTranslations } from "next-intl";
import { memo, type Ref } from "react";
import { Glyph } from "@/components/ui/state-mark";
import { useAgentWords } from "@/components/ui/use-agent-words";
import { hasAgent } from "@/lib/clusters/has-agent";
import type { Lane } from "./rows";
import { STATE_LANE, STATE_MARK } from "./state-look";
import { TickBox } from "./tick-box";

export interface ZoneRowProps {
  measure: Ref<HTMLDivElement>;
  index: number;
  top: number;
  lane: Lane;
  open: boolean;
  position: number;
  of: number;
  active: boolean;
  ticked: boolean | "mixed";
  selected: number;
  /** Of when the zone's status is that was told last, where no newer one comes; null otherwise. */
  toldAt: string | null;
  minuteMs: number;
}

/** The head of a zone: says the share of each state in numbers, also when folded; the lane on its left draws it. */
export const ZoneRow = memo(function ZoneRow({
  measure,
  index,
  top,
  lane,
  open,
  position,
  of,
  active,
  ticked,
  selected,
  toldAt,
  minuteMs,
}: ZoneRowProps) {
  const { zone } = lane;
  return (
    <div
      ref={measure}
      role="row"
      aria-level={1}
      aria-posinset={position}
      aria-setsize={of}
      aria-rowindex={index + 2}
      aria-expanded={open}
      data-index={index}
      data-key={`zone ${zone.name}`}
      tabIndex={active ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      className="absolute inset-x-0 top-0 grid min-h-13 cursor-pointer grid-cols-[3rem_minmax(0,1fr)] items-center border-y border-t-line-strong bg-panel outline-offset-[-2px] sm:grid-cols-[2.75rem_minmax(0,1fr)]"
    >
      <StateLane lane={lane} />
      <span role="gridcell" data-tick="" className="grid place-items-center self-stretch">
        <TickBox label={zone.name} ticked={ticked} blocked={lane.selectable.length === 0} />
      </span>
      <span role="gridcell" className="flex flex-wrap items-baseline gap-x-5 gap-y-0.5 py-2 pr-3">
        <span className="flex items-baseline gap-2">
          <span aria-hidden="true" className="w-3 text-ink-2">
            {open ? "▾" : "▸"}
          </span>
          <strong translate="no" className="text-lg leading-tight tracking-tight">
            {zone.name}
          </strong>
        </span>
        <ZoneFacts lane={lane} selected={selected} toldAt={toldAt} minuteMs={minuteMs} />
      </span>
    </div>
  );
});

export function ZoneFacts({
  lane,
  selected,
  toldAt,
  minuteMs,
}: Pick<ZoneRowProps, "lane" | "selected" | "toldAt" | "minuteMs">) {
  const { zone } = lane;
  const t = useTranslations("topology.zone");
  const row = useTranslations("topology.row");
  const states = useTranslations("common.state");
  const place = [zone.region, zone.idc].filter(Boolean).join(" · ");
  const total = zone.servers.length;
  const hidden = total - lane.shown.length;
  const setAside = zone.servers.filter((server) => server.setAside !== null).length;
  const agentless = zone.servers.filter((server) => !hasAgent(server)).length;
  return (
    <>
      {place ? <span className="text-ink-2">{place}</span> : null}
      {selected > 0 ? (
        <span className="font-semibold">{t("selected", { n: selected, total })}</span>
      ) : (
        <span>{t("servers", { n: total })}</span>
      )}
      <span className="inline-flex flex-wrap gap-x-3">
        {lane.counts.map(({ state, n }) => (
          <span key={state} className="inline-flex items-center gap-1" title={t("count", { n, state: states(state) })}>
            <span aria-hidden="true">{n}</span>
            <Glyph mark={STATE_MARK[state]} className="text-sm" />
            <span className="sr-only">{t("count", { n, state: states(state) })}</span>
          </span>
        ))}
      </span>
      <UnheardCounts lane={lane} />
      {lane.selectable.length < lane.shown.length ? (
        <span className="text-ink-2">{t("selectable", { n: lane.selectable.length, total: lane.shown.length })}</span>
      ) : null}
      {agentless > 0 ? <span className="text-ink-2">{t("agentless", { n: agentless })}</span> : null}
      {setAside > 0 ? <span className="text-ink-2">{t("setAside", { n: setAside })}</span> : null}
      {hidden > 0 ? <span className="text-ink-2">{t("hidden", { n: hidden })}</span> : null}
      {zone.innerStatus === "INACTIVE" ? <strong>◑ {t("stopped")}</strong> : null}
      {zone.innerStatus === "" ? <LastTold zone={zone} toldAt={toldAt} minuteMs={minuteMs} /> : null}
      {zone.rootServer ? <span className="text-ink-2">{row("rootService")}</span> : null}
    </>
  );
}

/** Agents that do not answer, each kind by its word: a folded zone hides no news. */
function UnheardCounts({ lane }: { lane: Lane }) {
  const words = useAgentWords();
  if (lane.unheard.length === 0) return null;
  return (
    <span className="inline-flex flex-wrap gap-x-3 font-semibold">
      {lane.unheard.map(({ condition, n }) => (
        <span key={condition} title={words.meaning(condition)}>
          <span aria-hidden="true">✕ </span>
          {words.count(condition, n)}
        </span>
      ))}
    </span>
  );
}

/** Nobody tells now whether the zone is stopped: what was told last, with its time, or that nothing is. */
function LastTold({ zone, toldAt, minuteMs }: Pick<ZoneRowProps, "toldAt" | "minuteMs"> & { zone: Lane["zone"] }) {
  const t = useTranslations("topology.zone");
  const words = useAgentWords();
  if (toldAt === null || zone.lastInnerStatus === "") return <span className="text-ink-2">{t("notReported")}</span>;
  const said = t("lastTold", { status: zone.lastInnerStatus, time: words.time(toldAt, minuteMs) });
  const look = zone.lastInnerStatus === "INACTIVE" ? "font-semibold" : "text-ink-2";
  return (
    <span className={look} suppressHydrationWarning>
      {said}
    </span>
  );
}

/** The shares of the states from top to bottom, the worst on top. */
function StateLane({ lane }: { lane: Lane }) {
  return (
    <span aria-hidden="true" className="absolute inset-y-0 left-0 flex w-1 flex-col gap-px">
      {lane.counts.map(({ state, n }) => (
        <span key={state} style={{ flexGrow: n }} className={`min-h-1 basis-0 ${STATE_LANE[state]}`} />
      ))}
    </span>
  );
}
