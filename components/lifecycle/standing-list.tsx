"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useAgentsNow } from "@/components/topology/use-agents-now";
import { Banner } from "@/components/ui/banner";
import { formatDuration } from "@/components/ui/duration";
import { useMoment } from "@/components/ui/use-moment";
import type { Result } from "@/lib/errors";
import type { Closing, Standing, StandingStop } from "@/lib/lifecycle/schema";
import { CloseEntry } from "./close-entry";
import { DownBanner } from "./down-banner";

/** One banner per matter, for as long as it stands. */
export function StandingList({
  clusterId,
  stops,
  approvals,
  down,
  closeIntent,
}: {
  clusterId: string;
  stops: Standing["stops"];
  approvals: Standing["approvals"];
  down: Standing["down"];
  closeIntent: ((closing: Closing) => Promise<Result<null>>) | null;
}) {
  const t = useTranslations("plan.standing");
  const named = useAgentsNow(clusterId);
  const what = ({ action, method, servers }: Pick<StandingStop, "action" | "method" | "servers">) =>
    t("what", { kind: method === "force" ? "force" : action, n: servers });
  const moment = useMoment();
  const link = (href: string, text: string) => (
    <Link
      href={href}
      prefetch={false}
      className="underline underline-offset-2 max-sm:min-w-11 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center"
    >
      {text}
    </Link>
  );
  return (
    <div className="space-y-2 px-4 pt-3">
      {stops.map((stop) => {
        const isTask = stop.state === "looking" || stop.state === "silent";
        return (
          <Banner key={stop.planId} tone={isTask ? "decide" : "info"} live>
            <p>
              {t(stop.state, { kind: stop.action, name: stop.person, what: what(stop), time: moment(stop.since) })}{" "}
              {stop.runId ? link(`/clusters/${clusterId}/runs/${stop.runId}`, t("open")) : null}
            </p>
            {stop.silent.length > 0 ? (
              <p className="max-h-28 overflow-y-auto text-sm break-words" tabIndex={0}>
                {t("notAnswering", { list: named(stop.silent).join(", ") })}
              </p>
            ) : null}
            {isTask && closeIntent ? (
              <CloseEntry clusterId={clusterId} planId={stop.planId} closeIntent={closeIntent} />
            ) : null}
          </Banner>
        );
      })}
      {approvals.map((approval) => (
        <Banner key={approval.id} tone="decide" live>
          <p>
            {t("approval", {
              name: approval.requestedBy,
              what: what(approval),
              left: formatDuration(approval.expiresInMs),
            })}{" "}
            {link(`/clusters/${clusterId}/approvals/${approval.id}`, t("approvalOpen"))}
          </p>
        </Banner>
      ))}
      {down.map((stop) => (
        <DownBanner key={stop.runId} clusterId={clusterId} stop={stop} />
      ))}
    </div>
  );
}
