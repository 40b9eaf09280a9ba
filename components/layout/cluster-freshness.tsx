"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useTopology } from "@/components/topology/use-topology";
import { Glyph } from "@/components/ui/state-mark";
import { FreshnessBadge } from "./freshness";

/** Age of the cluster's picture, and the way to a run that is going (ux S-3). */
export function ClusterFreshness({ clusterId }: { clusterId: string }) {
  const t = useTranslations("common.shell");
  const path = usePathname();
  const { topology, asOfMs, offlineSinceMs, refetch } = useTopology(clusterId, null);
  const run = topology?.activeRuns?.find((one) => !one.holdsMaintenance);
  const href = `/clusters/${clusterId}/runs/${run?.id ?? ""}`;
  return (
    <>
      {run && path !== href ? (
        <Link
          href={href}
          aria-label={t("openRun")}
          className="inline-flex min-h-7 items-center gap-1.5 rounded-[4px] border border-run bg-run-panel px-2 text-sm font-medium max-sm:min-h-11"
        >
          <Glyph mark="running" />
          {t("activeRun", { name: run.name, stage: run.stage, max: run.maxStage })}
        </Link>
      ) : null}
      {path.includes("/runs/") ? null : (
        <FreshnessBadge freshness={{ asOfMs, offlineSinceMs }} runGoing={run !== undefined} onRetry={refetch} />
      )}
    </>
  );
}
