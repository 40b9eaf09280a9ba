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
    // The name is text, which a long one needs to be read to its end; what is pressed lies over it.
    <span className="relative inline-flex min-h-9 min-w-0 items-center gap-2 rounded-[4px] border border-line-strong bg-panel px-2 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus max-sm:min-h-11">
      <strong aria-hidden="true" translate="no" className="text-lg leading-tight wrap-anywhere max-sm:text-base">
        {cluster.name}
      </strong>
      <span aria-hidden="true" className="text-ink-2">
        ▾
      </span>
      <select
        aria-label={t("switch")}
        value={cluster.id}
        onChange={(event) => {
          writeSelection(cluster.id, []);
          resetMethod();
          router.push(`/clusters/${event.target.value}`);
        }}
        className="absolute inset-0 size-full cursor-pointer opacity-0"
      >
        {clusters.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name} · {one.environment}
          </option>
        ))}
      </select>
    </span>
  );
}
