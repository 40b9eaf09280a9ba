"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useEffect, useMemo } from "react";
import { useTakeOver } from "@/components/layout/use-typing";
import { resetMethod, useMethod } from "@/components/lifecycle/selection-store";
import type { Topology } from "@/lib/clusters/schema";
import type { Failure } from "@/lib/errors";
import { impactOf } from "@/lib/lifecycle/impact";
import { ImpactBar } from "./impact-bar";
import { ImpactPanel } from "./impact-panel";
import { PickerSkeleton } from "./picker-skeleton";
import { RowsView } from "./rows-view";
import { NothingSelectable, NothingShown, SelectionLine } from "./selection-line";
import { Toolbar } from "./toolbar";
import { useIsOld } from "./use-is-old";
import { usePicker } from "./use-picker";
import { useQuietAnnounce } from "./use-quiet-announce";
import { useTopology } from "./use-topology";
import { useVerdict } from "./use-verdict";

/** From here on values are dimmed and lie under a hatch (ux L-5). */
const STALE_MS = 10_000;
const MINUTE_MS = 60_000;
// With a placeholder of its own: without one, loading it would take the whole page off the screen.
const TilesView = dynamic(() => import("./tiles-view").then((module) => module.TilesView), {
  loading: () => <div className="min-h-dvh" />,
});

/** Home screen of a cluster: what there is, what is picked, what stopping it would do. */
export function Picker({
  clusterId,
  initial,
  initialFailure,
}: {
  clusterId: string;
  initial: Topology | null;
  initialFailure: Failure | null;
}) {
  const read = useTopology(clusterId, initial, initialFailure);
  // Force has no memory: arriving here, by whatever way, begins with the default (ux F-2).
  useEffect(() => resetMethod(), [clusterId]);
  const { topology } = read;
  if (!topology) return <PickerSkeleton failure={read.failure} />;
  return <LoadedPicker {...read} clusterId={clusterId} topology={topology} />;
}

type LoadedProps = ReturnType<typeof useTopology> & { clusterId: string; topology: Topology };

function LoadedPicker({ clusterId, topology, asOfMs, offlineSinceMs, refetch }: LoadedProps) {
  const t = useTranslations("topology");
  useTakeOver();
  const verdict = useVerdict();
  const picker = usePicker(clusterId, topology);
  const { selection, byAddress } = picker;
  const [method] = useMethod(clusterId);
  const impact = useMemo(() => impactOf(topology, selection, method), [topology, selection, method]);
  const ruled = useMemo(() => impactOf(topology, selection, "stop").blocks, [topology, selection]);
  const zoneSelected = useMemo(() => new Map(impact.zones.map((share) => [share.zone, share.stopping])), [impact]);
  const isOld = useIsOld(asOfMs, STALE_MS);
  useQuietAnnounce(
    t("impact.say", {
      n: impact.stopping,
      stay: impact.staying,
      total: impact.total,
      verdict: verdict(impact.majority),
    }),
  );
  const minuteMs = Math.floor((asOfMs ?? 0) / MINUTE_MS) * MINUTE_MS;
  const panel = {
    clusterId,
    topology,
    impact,
    method,
    ruled,
    asOfMs,
    offlineSinceMs,
    onRefresh: refetch,
    changed: picker.changed,
    stateOf: (address: string) => byAddress.get(address)?.state,
    onSeen: picker.markSeen,
  };
  const toldAt = topology.overdue?.readAt ?? null;
  const view = { clusterId, clusterName: topology.cluster.name, picker, zoneSelected, toldAt, minuteMs };
  return (
    <>
      <h1 className="sr-only">
        {t("title")} · {topology.cluster.name}
      </h1>
      <div className="flex-1 lg:grid lg:grid-cols-[minmax(0,1fr)_24rem]">
        <section id="servers" tabIndex={-1} className="min-w-0 pb-6 outline-none" aria-label={t("title")}>
          <div className="sticky top-0 z-10 border-b border-line-strong bg-paper max-sm:static">
            <Toolbar picker={picker} onRefresh={refetch} />
            <SelectionLine clusterId={clusterId} picker={picker} />
          </div>
          <NothingSelectable picker={picker} />
          <div data-stale={isOld || undefined} className={isOld ? "hatch *:opacity-75" : ""}>
            {picker.found.servers.length === 0 && picker.filtering ? (
              <NothingShown picker={picker} />
            ) : picker.view === "tiles" ? (
              <TilesView {...view} />
            ) : (
              <RowsView {...view} />
            )}
          </div>
        </section>
        <aside aria-label={t("impact.title")} className="border-l border-line-strong bg-panel max-lg:hidden">
          <div className="sticky top-0 max-h-dvh overflow-y-auto px-5 py-4">
            <h2 className="pb-2 text-lg">{t("impact.title")}</h2>
            <ImpactPanel {...panel} />
          </div>
        </aside>
      </div>
      <ImpactBar {...panel} />
    </>
  );
}
