"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTopology } from "@/components/topology/use-topology";
import type { Topology } from "@/lib/clusters/schema";
import type { Failure } from "@/lib/errors";
import type { PlanActions } from "./plan-actions";
import { StartChooser } from "./start-chooser";
import type { StartAsked } from "./start-groups";
import { StartReview } from "./start-review";

/** Chooses what comes back, then reviews it. The choice is kept while the plan is looked at. */
export function StartPage({
  clusterId,
  initial,
  initialFailure,
  asked,
  runId,
  actions,
}: {
  clusterId: string;
  initial: Topology | null;
  initialFailure: Failure | null;
  asked: StartAsked;
  /** The run whose servers are to come back. */
  runId: string | null;
  actions: PlanActions;
}) {
  const t = useTranslations("plan");
  const { topology, asOfMs, refetch } = useTopology(clusterId, initial, initialFailure);
  const [picked, setPicked] = useState<ReadonlySet<string> | null>(null);
  const [reviewing, setReviewing] = useState<string[] | null>(null);
  if (reviewing) {
    return (
      <StartReview
        clusterId={clusterId}
        servers={reviewing}
        // What has nothing to do with that run follows nothing up.
        continues={runId !== null && reviewing.some((server) => asked.servers.includes(server)) ? runId : null}
        actions={actions}
        back={
          <button
            type="button"
            onClick={() => setReviewing(null)}
            className="inline-flex min-h-9 items-center underline underline-offset-2 hover:text-ink max-sm:min-h-11"
          >
            {t("act.backStart")}
          </button>
        }
      />
    );
  }
  // The banner above the page says why there is none.
  if (!topology)
    return (
      <p role="status" className="px-4 py-8 text-ink-2">
        {t("making")}
      </p>
    );
  return (
    <StartChooser
      clusterId={clusterId}
      topology={topology}
      asOfMs={asOfMs}
      onRefresh={() => void refetch()}
      asked={asked}
      runId={runId}
      picked={picked}
      onPick={setPicked}
      onReview={setReviewing}
    />
  );
}
