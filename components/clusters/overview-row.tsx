"use client";

import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { memo } from "react";
import { formatDuration } from "@/components/ui/duration";
import { EnvironmentBadge } from "@/components/ui/environment-badge";
import { Glyph, StateMark } from "@/components/ui/state-mark";
import { useAgentWords } from "@/components/ui/use-agent-words";
import { useFailureWords } from "@/components/ui/use-failure-words";
import type { ClusterSummary } from "@/lib/clusters/schema";
import { few } from "@/lib/few";
import { healthMark } from "./health-look";

export const COLUMNS =
  "grid gap-x-4 gap-y-0.5 px-3 lg:grid-cols-[minmax(11rem,1.2fr)_minmax(17rem,1.5fr)_minmax(8rem,0.9fr)_minmax(9rem,1fr)_8.5rem]";

/** How old a picture may be before its row says so in weight as well. */
const OLD_MS = 60_000;

/** One cluster: what it is, how it stands, what of it is down and by whom, what is going on, how old that is. */
export const OverviewRow = memo(function OverviewRow({
  cluster,
  sinceReadMs,
  mayChange,
  mayStart,
}: {
  cluster: ClusterSummary;
  sinceReadMs: number;
  mayChange: boolean;
  mayStart: boolean;
}) {
  const t = useTranslations("clusters.overview");
  const base = `/clusters/${cluster.id}`;
  const { servers, ageMs, downByUs, zonesByUs } = cluster;
  const down = servers ? servers.total - servers.serving - servers.unclear - cluster.setAside : 0;
  const toStart = downByUs + zonesByUs.length;
  const age = ageMs === null ? null : ageMs + sinceReadMs;
  return (
    <li className={`${COLUMNS} items-center py-2 hover:bg-sunken`}>
      <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
        <EnvironmentBadge environment={cluster.environment} />
        <Link
          href={base}
          prefetch={false}
          className="inline-flex min-h-6 items-center font-semibold underline-offset-2 hover:underline max-sm:min-h-11"
        >
          {cluster.name}
        </Link>
        {cluster.twoPerson ? <Note>{t("twoPerson")}</Note> : null}
        {cluster.source === "file" ? <Note>{t("fromFile")}</Note> : null}
      </span>
      <Health cluster={cluster} down={down} />
      <span className="flex flex-wrap gap-x-2 text-sm">
        {servers ? <Counts servers={servers} /> : t("noServers")}
        {servers && servers.changing > 0 ? <span>{t("changing", { n: servers.changing })}</span> : null}
        {cluster.setAside > 0 ? <span>{t("setAside", { n: cluster.setAside })}</span> : null}
        {downByUs > 0 ? (
          <StateMark mark="processStopped" className="gap-1 font-medium">
            {t("downByUs", { n: downByUs })}
          </StateMark>
        ) : null}
        {zonesByUs.length > 0 ? (
          <StateMark mark="serviceStopped" className="gap-1 font-medium">
            {t("zonesByUs", { n: zonesByUs.length, zones: few(zonesByUs) })}
          </StateMark>
        ) : null}
        {toStart > 0 && mayStart ? (
          <Link
            href={`${base}/start`}
            prefetch={false}
            aria-label={
              downByUs > 0
                ? t("startOf", { n: downByUs, name: cluster.name })
                : t("startZones", { zones: few(zonesByUs), name: cluster.name })
            }
            className="inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
          >
            {t("start")}
          </Link>
        ) : null}
      </span>
      <Going cluster={cluster} base={base} />
      <span className="flex items-center justify-between gap-2 text-sm text-ink-2">
        <span className={age === null || age > OLD_MS ? "font-semibold text-amber" : ""}>
          {age === null ? t("ageNone") : t("age", { age: formatDuration(age) })}
        </span>
        {mayChange ? (
          <Link
            href={`${base}/settings`}
            prefetch={false}
            aria-label={t("settingsOf", { name: cluster.name })}
            className="inline-flex min-h-6 items-center underline underline-offset-2 hover:text-ink max-sm:min-h-11"
          >
            {t("settings")}
          </Link>
        ) : null}
      </span>
    </li>
  );
});

/** "Serving" is said only where it is reported. */
function Counts({ servers: { serving, unclear, total } }: { servers: NonNullable<ClusterSummary["servers"]> }) {
  const t = useTranslations("clusters.overview");
  return t(unclear === 0 ? "serving" : serving === 0 ? "runningServers" : "servingRunning", {
    n: serving,
    unclear,
    total,
  });
}

const Note = ({ children }: { children: string }) => (
  <span className="rounded-[3px] border px-1 text-xs text-ink-3">{children}</span>
);

/** The state in a word; for a failure also what happened, in the sentence that the rest of the console has for it. */
function Health({ cluster, down }: { cluster: ClusterSummary; down: number }) {
  const t = useTranslations("clusters.overview.health");
  const told = useFailureWords();
  const format = useFormatter();
  const { failure } = cluster;
  return (
    <span className="min-w-0">
      <StateMark mark={healthMark(cluster)}>{said()}</StateMark>
      {failure ? <span className="block text-sm text-ink-2">{told(failure, "what")}</span> : null}
      <UnheardNames cluster={cluster} />
    </span>
  );

  /** What nobody tells about is not told as down. */
  function said(): string {
    if (cluster.health === "agentsUnheard") return t("agentsUnheard", { n: cluster.unheard.count });
    if (cluster.health !== "someDown") return t(cluster.health, { n: down });
    const unknown = cluster.servers?.notReported ?? 0;
    const parts = [
      down > unknown ? t("someDown", { n: down - unknown }) : null,
      unknown > 0 ? t("someUnknown", { n: unknown }) : null,
    ];
    return format.list(
      parts.flatMap((part) => part ?? []),
      { type: "unit" },
    );
  }
}

/** Agents that do not answer, by name: whatever else is said of the cluster, it is not well. */
function UnheardNames({ cluster: { unheard } }: { cluster: ClusterSummary }) {
  const t = useTranslations("common.agent");
  const words = useAgentWords();
  const more = unheard.count - unheard.first.length;
  if (unheard.count === 0) return null;
  return (
    <span className="block text-sm text-ink-2">
      {unheard.first.map((agent) => (
        <span key={agent.address} className="block" suppressHydrationWarning>
          <span translate="no" className="font-mono">
            {agent.address}
          </span>{" "}
          <span className="whitespace-nowrap">{words.said(agent)}</span>
        </span>
      ))}
      {more > 0 ? <span className="block">{t("more", { n: more })}</span> : null}
    </span>
  );
}

function Going({ cluster, base }: { cluster: ClusterSummary; base: string }) {
  const t = useTranslations("clusters.overview");
  const { activeRun, heldRun, intent, waitingApprovals } = cluster;
  const look = "inline-flex min-h-6 items-center gap-1.5 text-sm underline underline-offset-2 max-sm:min-h-11";
  if (activeRun)
    return (
      <Link href={`${base}/runs/${activeRun.id}`} prefetch={false} className={look}>
        <Glyph mark="running" />
        {t("openRun", { name: activeRun.name, stage: activeRun.stage, max: activeRun.maxStage })}
      </Link>
    );
  if (intent)
    return (
      <Link href={`${base}/runs`} prefetch={false} className={look}>
        <Glyph mark={intent === "open" ? "waiting" : "unknown"} />
        {t(intent === "open" ? "intentOpen" : "intentUnknown")}
      </Link>
    );
  if (waitingApprovals > 0)
    return (
      <Link href={base} prefetch={false} className={look}>
        <Glyph mark="waiting" />
        {t("waitingApprovals", { n: waitingApprovals })}
      </Link>
    );
  if (heldRun)
    return (
      <Link href={`${base}/runs/${heldRun}`} prefetch={false} className={look}>
        <Glyph mark="warning" />
        {t("held")}
      </Link>
    );
  return <span className="max-lg:hidden" />;
}
