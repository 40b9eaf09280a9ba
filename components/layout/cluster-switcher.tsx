"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { resetMethod, writeSelection } from "@/components/lifecycle/selection-store";
import type { ClusterCard } from "@/lib/clusters/schema";

/** Changing the cluster drops what was picked and turns Force off (ux S-2). */
export function ClusterSwitcher({ cluster, clusters }: { cluster: ClusterCard; clusters: ClusterCard[] }) {
  const t = useTranslations("common.shell");
  const router = useRouter();
  if (clusters.length === 1)
    return <strong className="text-lg leading-tight wrap-anywhere max-sm:text-base">{cluster.name}</strong>;
  return (
    <select
      aria-label={t("switch")}
      value={cluster.id}
      onChange={(event) => {
        writeSelection(cluster.id, []);
        resetMethod();
        router.push(`/clusters/${event.target.value}`);
      }}
      className="min-h-9 max-w-full rounded-[4px] border border-line-strong bg-panel px-2 text-lg font-semibold max-sm:min-h-11"
    >
      {clusters.map((one) => (
        <option key={one.id} value={one.id}>
          {one.name} · {one.environment}
        </option>
      ))}
    </select>
  );
}
