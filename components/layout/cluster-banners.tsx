"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useTopology } from "@/components/topology/use-topology";
import { Banner } from "@/components/ui/banner";
import { FailureNote } from "@/components/ui/failure-note";
import type { FailureKind } from "@/lib/errors";

/** What an administrator mends in the cluster's settings. */
const MENDED_IN_SETTINGS: ReadonlySet<FailureKind> = new Set([
  "agent-key-changed",
  "credentials-lost",
  "password-rejected",
  "tls-failed",
]);

/** What everybody on this cluster must know, for as long as it is true (ux S-4). */
export function ClusterBanners({ clusterId }: { clusterId: string }) {
  const t = useTranslations("common.banner");
  const { topology, failure } = useTopology(clusterId, null);
  const servers = topology?.zones.flatMap((zone) => zone.servers) ?? [];
  const held = topology?.activeRuns?.filter((run) => run.holdsMaintenance) ?? [];
  const agents = servers.filter((server) => server.agent.underMaintenance).length;
  const first = held[0];
  if (!failure && !first && topology?.databaseReachable !== false) return null;
  return (
    <div className="space-y-2 px-4 pt-3">
      {failure ? (
        <FailureNote failure={failure}>
          {MENDED_IN_SETTINGS.has(failure.kind) ? (
            <Link href={`/clusters/${clusterId}/settings`} prefetch={false} className="underline underline-offset-2">
              {t("settings")}
            </Link>
          ) : null}
        </FailureNote>
      ) : null}
      {topology && !topology.databaseReachable ? (
        <Banner tone="decide">
          <p>{t("database")}</p>
        </Banner>
      ) : null}
      {first ? (
        <Banner tone="decide">
          <p>
            {t("hold", { n: agents })}{" "}
            <Link href={`/clusters/${clusterId}/runs/${first.id}`} className="underline underline-offset-2">
              {t("holdOpen")}
            </Link>
          </p>
        </Banner>
      ) : null}
    </div>
  );
}
