"use client";

import { useTranslations } from "next-intl";
import { useDeferredValue, useState } from "react";
import { useNow } from "@/components/layout/freshness";
import { Banner } from "@/components/ui/banner";
import { FailureNote } from "@/components/ui/failure-note";
import type { Overview as OverviewAnswer } from "@/lib/clusters/schema";
import { isProblem } from "./health-look";
import { COLUMNS, OverviewRow } from "./overview-row";
import { useOverview } from "./use-overview";

/** Below this everything is in sight at once. */
const FILTER_FROM = 9;

/** All clusters that the person may see, those with problems first, renewed every few seconds by one read. */
export function Overview({
  first,
  changeable,
  startable,
}: {
  first: OverviewAnswer;
  /** Clusters whose settings the person may change. */
  changeable: readonly string[];
  /** Clusters whose servers the person may bring back. */
  startable: readonly string[];
}) {
  const t = useTranslations("clusters.overview");
  const { overview, readAtMs, failure } = useOverview(first);
  const now = useNow();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text).trim().toLowerCase();
  const shown = overview.clusters.filter((cluster) =>
    `${cluster.name} ${cluster.id} ${cluster.environment}`.toLowerCase().includes(wanted),
  );
  const problems = overview.clusters.filter(isProblem).length;
  const running = overview.clusters.filter((cluster) => cluster.activeRun).length;
  const { shadowed, lostKey } = overview;
  return (
    <div className="space-y-3">
      {failure ? <FailureNote failure={failure} /> : null}
      {lostKey ? (
        <Banner tone="decide">
          <p className="font-semibold">{t("lostKey", { needs: lostKey.needs.join(", "), found: lostKey.found })}</p>
          <p>{t("lostKeyNext")}</p>
        </Banner>
      ) : null}
      {shadowed.length > 0 ? (
        <Banner tone="decide">
          <p className="font-semibold">{t("shadowed", { n: shadowed.length, ids: shadowed.join(", ") })}</p>
          <p>{t("shadowedNext")}</p>
        </Banner>
      ) : null}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p role="status" className="flex flex-wrap gap-x-2 text-sm text-ink-2">
          <span>{t("count", { n: overview.clusters.length })}</span>
          <span aria-hidden="true">·</span>
          <span>{t("problems", { n: problems })}</span>
          <span aria-hidden="true">·</span>
          <span>{t("running", { n: running })}</span>
        </p>
        {overview.clusters.length >= FILTER_FROM ? (
          <input
            type="search"
            aria-label={t("filter")}
            placeholder={t("filterExample")}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            className="min-h-9 w-56 rounded-[4px] border border-line-strong bg-panel px-2.5 max-sm:min-h-11 max-sm:w-full"
          />
        ) : null}
      </div>
      {shown.length === 0 ? (
        <p className="text-ink-2">
          {t("noMatch", { text: wanted })}{" "}
          <button type="button" onClick={() => setText("")} className="min-h-6 underline underline-offset-2">
            {t("clear")}
          </button>
        </p>
      ) : (
        <div className="border-y bg-panel">
          <div aria-hidden="true" className={`${COLUMNS} border-b py-1 text-sm text-ink-3 max-lg:hidden`}>
            {(["cluster", "state", "servers", "run", "age"] as const).map((name) => (
              <span key={name}>{t(`head.${name}`)}</span>
            ))}
          </div>
          <ul className="divide-y">
            {shown.map((cluster) => (
              <OverviewRow
                key={cluster.id}
                cluster={cluster}
                sinceReadMs={now === 0 ? 0 : Math.max(0, now - readAtMs)}
                mayChange={changeable.includes(cluster.id)}
                mayStart={startable.includes(cluster.id)}
              />
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
