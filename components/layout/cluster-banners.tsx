"use client";

import dynamic from "next/dynamic";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useTopology } from "@/components/topology/use-topology";
import { Banner } from "@/components/ui/banner";
import { FailureNote } from "@/components/ui/failure-note";
import type { FailureKind } from "@/lib/errors";
import { useAbilities } from "./abilities";

// Loaded where there is somebody to name.
const UnheardBanner = dynamic(() => import("./unheard-banner").then((loaded) => loaded.UnheardBanner));

/** What an administrator mends in the cluster's settings. */
const MENDED_IN_SETTINGS: ReadonlySet<FailureKind> = new Set([
  "agent-key-changed",
  "credentials-lost",
  "password-rejected",
  "tls-failed",
]);

const LINK = "underline underline-offset-2 max-sm:min-w-11 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center";

/** What everybody on this cluster must know, for as long as it is true (ux S-4). */
export function ClusterBanners({ clusterId }: { clusterId: string }) {
  const t = useTranslations("common.banner");
  const { mayStop } = useAbilities();
  const { topology, failure } = useTopology(clusterId, null);
  const servers = topology?.zones.flatMap((zone) => zone.servers) ?? [];
  const held = topology?.activeRuns?.filter((run) => run.holdsMaintenance) ?? [];
  const locked = servers.filter((server) => server.agent?.underMaintenance).length;
  return (
    <div className="space-y-2 px-4 pt-3 empty:hidden">
      {failure ? (
        <FailureNote failure={failure}>
          {MENDED_IN_SETTINGS.has(failure.kind) ? (
            <Link href={`/clusters/${clusterId}/settings`} prefetch={false} className={LINK}>
              {t("settings")}
            </Link>
          ) : null}
        </FailureNote>
      ) : null}
      {topology && (topology.overdue || servers.some(({ agent }) => agent?.answers === false)) ? (
        <UnheardBanner topology={topology} />
      ) : null}
      {topology && !topology.databaseReachable ? (
        <Banner tone="decide">
          <p>{t("database")}</p>
        </Banner>
      ) : null}
      {held.map((run) => (
        <Banner key={run.id} tone="decide">
          <p className="flex flex-wrap gap-x-3 max-sm:items-center">
            {t(!run.releasable ? "holdForeign" : run.state === "UNKNOWN" ? "holdUnknown" : "hold", {
              n: run.holds.length > 0 ? run.holds.length : locked,
            })}
            {run.releasable ? (
              <Link href={`/clusters/${clusterId}/runs/${run.id}`} prefetch={false} className={LINK}>
                {t("holdOpen")}
              </Link>
            ) : null}
            {run.releasable && mayStop ? (
              <Link href={`/clusters/${clusterId}/runs/${run.id}/release`} prefetch={false} className={LINK}>
                {t("holdRelease")}
              </Link>
            ) : null}
          </p>
        </Banner>
      ))}
    </div>
  );
}
