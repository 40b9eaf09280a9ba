"use client";

import Link from "next/link";
import { memo, type Ref } from "react";
import { CLOCK_MINUTE, DAY_SECOND_AND_ZONE, SHORT_DAY_AND_MINUTE } from "@/components/ui/date-formats";
import { tellMoment } from "@/components/ui/use-moment";
import { StateMark } from "@/components/ui/state-mark";
import type { Server, ServerState } from "@/lib/clusters/schema";
import { unheardAt } from "@/lib/clusters/unheard";
import { whyNotSelectable } from "@/lib/lifecycle/impact";
import { coarseAge, STATE_LANE, STATE_MARK } from "./state-look";
import { TickBox } from "./tick-box";
import type { RowWords } from "./use-row-words";

export const ROW_COLUMNS =
  "max-sm:flex max-sm:flex-wrap max-sm:gap-x-3 max-sm:pr-3 max-sm:pl-12 sm:grid sm:grid-cols-[2.75rem_minmax(11rem,14rem)_minmax(12rem,1.2fr)_minmax(7rem,0.8fr)_minmax(6rem,0.6fr)_minmax(0,1fr)]";
const SECOND_LINE = "max-sm:text-sm max-sm:empty:hidden";

export interface ServerRowProps {
  measure: Ref<HTMLDivElement>;
  index: number;
  top: number;
  clusterId: string;
  server: Server;
  position: number;
  of: number;
  active: boolean;
  selected: boolean;
  /** Its state when it was picked, where that differs from now. */
  before: ServerState | undefined;
  /** The last whole minute: ages move with it, so that a quiet list is not drawn again each second. */
  minuteMs: number;
  /** Who stopped it from here; null when nobody did, or it is back. */
  stoppedBy: string | null;
  words: RowWords;
}

/** One server. Drawn again only when its own facts change, so that one tick of a thousand stays cheap (ux §20). */
export const ServerRow = memo(function ServerRow({
  measure,
  index,
  top,
  clusterId,
  server,
  position,
  of,
  active,
  selected,
  before,
  minuteMs,
  stoppedBy,
  words,
}: ServerRowProps) {
  const why = whyNotSelectable(server);
  return (
    <div
      ref={measure}
      role="row"
      aria-level={2}
      aria-posinset={position}
      aria-setsize={of}
      aria-rowindex={index + 2}
      aria-selected={why ? undefined : selected}
      data-index={index}
      data-key={server.address}
      tabIndex={active ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      className={`absolute inset-x-0 top-0 items-center border-b outline-offset-[-2px] max-sm:min-h-14 max-sm:py-2 sm:min-h-9 ${ROW_COLUMNS} ${selected ? "bg-sunken" : "hover:bg-panel"} ${why ? "text-ink-2" : "cursor-pointer"}`}
    >
      <span aria-hidden="true" className={`absolute inset-y-px left-0 w-1 ${STATE_LANE[server.state]}`} />
      <span
        role="gridcell"
        className="grid place-items-center max-sm:absolute max-sm:inset-y-0 max-sm:left-0 max-sm:w-12"
      >
        <TickBox label={server.address} ticked={selected} blocked={why !== null} />
      </span>
      <span role="rowheader" translate="no" className={`font-mono max-sm:w-full ${selected ? "font-semibold" : ""}`}>
        {server.address}
      </span>
      <span role="gridcell" className={`${SECOND_LINE} flex flex-wrap items-center gap-x-3`}>
        <StateMark mark={STATE_MARK[server.state]}>{words.state(server.state)}</StateMark>
        {before ? <em className="font-medium">{words.row("changed", { state: words.state(before) })}</em> : null}
      </span>
      <AgentCell server={server} minuteMs={minuteMs} words={words} />
      <span role="gridcell" className={`${SECOND_LINE} text-ink-2`}>
        <Since server={server} minuteMs={minuteMs} words={words} />
      </span>
      <span role="gridcell" className={`${SECOND_LINE} flex flex-wrap items-center gap-x-3 sm:pr-3`}>
        {server.rootServer ? <span>{words.row("rootService")}</span> : null}
        {server.setAside ? (
          <span suppressHydrationWarning className="line-clamp-3 break-words">
            {words.aside(server.setAside)}
          </span>
        ) : null}
        {stoppedBy ? <span>{words.row("stoppedBy", { name: stoppedBy })}</span> : null}
        {why ? <span className="text-ink-2">({words.row(`why.${why}`)})</span> : null}
        {server.taskId ? (
          <Link
            href={`/clusters/${clusterId}/runs/${server.taskId}`}
            prefetch={false}
            tabIndex={-1}
            className="underline underline-offset-2"
          >
            {words.row("run")}
          </Link>
        ) : null}
      </span>
    </div>
  );
});

function AgentCell({ server, minuteMs, words }: { server: Server; minuteMs: number; words: RowWords }) {
  const { row: t, agent } = words;
  if (!server.agent)
    return (
      <span role="gridcell" className={`${SECOND_LINE} text-ink-2 sm:py-1`}>
        <span className="sm:sr-only">{words.column("agent")} </span>
        <span aria-hidden="true">– </span>
        {t("agentNone", { why: server.agentless ?? "none" })}
      </span>
    );
  const unheard = unheardAt(server);
  return (
    <span role="gridcell" className={`${SECOND_LINE} text-ink-2 sm:py-1`}>
      <span className="sm:sr-only">{words.column("agent")} </span>
      {unheard ? (
        <span title={agent.meaning(unheard.condition)}>
          <span className="font-semibold text-ink">
            <span aria-hidden="true">✕ </span>
            {agent.word(unheard.condition)}
          </span>{" "}
          <span className="text-xs leading-tight sm:block" suppressHydrationWarning>
            {agent.since(unheard, minuteMs)}
          </span>
        </span>
      ) : (
        <>
          <span aria-hidden="true">✓ </span>
          {t("agentAnswers")}
        </>
      )}
      {server.agent.underMaintenance ? <span className="block text-xs leading-tight">{t("maintenance")}</span> : null}
    </span>
  );
}

function Since({ server, minuteMs, words }: { server: Server; minuteMs: number; words: RowWords }) {
  const { row: t, format } = words;
  if (server.since === null) return null;
  const at = new Date(server.since);
  const ageMs = minuteMs - at.getTime();
  const time = tellMoment(format, server.since, minuteMs, CLOCK_MINUTE, SHORT_DAY_AND_MINUTE);
  return (
    <time dateTime={server.since} title={format.dateTime(at, DAY_SECOND_AND_ZONE)} suppressHydrationWarning>
      {server.state === "SERVING" ? t("up", { age: coarseAge(ageMs) }) : t("since", { time })}
    </time>
  );
}
