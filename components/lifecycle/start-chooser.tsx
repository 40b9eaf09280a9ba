"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useId, useMemo } from "react";
import { useAbilities } from "@/components/layout/abilities";
import { useNow } from "@/components/layout/freshness";
import { Button } from "@/components/ui/button";
import { formatDuration } from "@/components/ui/duration";
import { EnvironmentBadge } from "@/components/ui/environment-badge";
import type { Topology } from "@/lib/clusters/schema";
import { startImpactOf } from "@/lib/lifecycle/start-impact";
import { firstPick, pickable, startGroups, toggle, type StartAsked } from "./start-groups";
import { StartFacts } from "./start-facts";
import { StartZone } from "./start-zone";
import { TOO_OLD_MS } from "./use-live-plan";
import { useRecords } from "./use-standing";

/** What is down, zone by zone, to choose what comes back (ux §11): a stopped zone whole, a cluster that is down whole. */
export function StartChooser({
  clusterId,
  topology,
  asOfMs,
  onRefresh,
  asked,
  runId,
  picked: chosen,
  onPick,
  onReview,
}: {
  clusterId: string;
  topology: Topology;
  asOfMs: number | null;
  onRefresh: () => void;
  asked: StartAsked;
  runId: string | null;
  /** null: nothing was changed yet, so what was asked for counts. */
  picked: ReadonlySet<string> | null;
  onPick: (picked: ReadonlySet<string>) => void;
  onReview: (servers: string[]) => void;
}) {
  const t = useTranslations("plan.start");
  const act = useTranslations("plan.act");
  const why = useId();
  const now = useNow();
  const { mayStop, clusterName } = useAbilities();
  const records = useRecords(clusterId);
  const found = useMemo(() => startGroups(topology, new Set(records.keys())), [topology, records]);
  const picked = useMemo(() => (chosen ? pickable(found, chosen) : firstPick(found, asked)), [chosen, found, asked]);
  const impact = useMemo(() => startImpactOf(topology, picked), [topology, picked]);
  const all = found.groups.flatMap((group) => group.servers.map((server) => server.address));
  const ageMs = asOfMs === null || now === 0 ? 0 : now - asOfMs;
  const isOld = ageMs > TOO_OLD_MS;
  const reason = !mayStop
    ? t("notAllowed", { cluster: clusterName })
    : isOld
      ? t("stale", { age: formatDuration(ageMs) })
      : "";
  const isBlocked = reason !== "" || impact.blocks.length > 0;
  return (
    <div className="mx-auto w-full max-w-5xl px-4 pt-4 pb-10" id="servers" tabIndex={-1}>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <EnvironmentBadge environment={topology.cluster.environment} />
        <h1 className="text-xl">{t("title", { cluster: topology.cluster.name })}</h1>
        <p className="w-full text-ink-2">{t("lead")}</p>
      </div>
      {runId === null ? null : (
        <p className="mt-2">
          {t.rich(asked.servers.some((server) => all.includes(server)) ? "ofRun" : "ofRunNone", {
            id: runId,
            run: (chunks) => (
              <Link
                href={`/clusters/${clusterId}/runs/${runId}`}
                prefetch={false}
                className="font-mono break-all underline underline-offset-2"
              >
                {chunks}
              </Link>
            ),
          })}
        </p>
      )}
      {all.length === 0 ? <p className="mt-4">{t(found.groups.length === 0 ? "none" : "noneInReach")}</p> : null}
      <div className="mt-4 grid grid-cols-1 gap-x-10 gap-y-6 lg:grid-cols-[minmax(0,1fr)_minmax(18rem,24rem)]">
        <div className="min-w-0">
          {found.isAllDown ? (
            <WholeCluster n={all.length} isOn={picked.size > 0} onToggle={() => onPick(toggle(picked, all))} />
          ) : null}
          {found.groups.map((group) => (
            <StartZone
              key={group.zone}
              clusterId={clusterId}
              group={group}
              record={records.get(group.zone) ?? null}
              whyHidden={!topology.databaseReachable ? "database" : topology.overdue ? "overdue" : "version"}
              toldAt={topology.overdue?.readAt ?? null}
              isFixed={found.isAllDown}
              picked={picked}
              onToggle={(addresses) => onPick(toggle(picked, addresses))}
            />
          ))}
        </div>
        {all.length === 0 ? null : (
          <div className="space-y-3 self-start lg:sticky lg:top-4">
            <StartFacts impact={impact} />
            <p id={why} role="status" className="text-sm">
              {reason}
              {isOld ? (
                <button
                  type="button"
                  onClick={onRefresh}
                  className="ml-2 min-h-6 underline underline-offset-2 max-sm:min-h-11"
                >
                  {act("refresh")}
                </button>
              ) : null}
            </p>
            <Button
              look="primary"
              className="w-full"
              blocked={isBlocked}
              aria-describedby={why}
              onClick={() => onReview([...picked])}
            >
              {t("review", { n: picked.size })}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function WholeCluster({ n, isOn, onToggle }: { n: number; isOn: boolean; onToggle: () => void }) {
  const t = useTranslations("plan.start");
  return (
    <div className="border-y border-line-strong py-2">
      <label className="flex min-h-6 items-center gap-2.5 font-semibold max-sm:min-h-11">
        <input type="checkbox" checked={isOn} onChange={onToggle} className="size-4 shrink-0 accent-(--ink)" />
        {t("whole", { n })}
      </label>
      <p className="text-sm text-ink-2">{t("wholeHint")}</p>
    </div>
  );
}
