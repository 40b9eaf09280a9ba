"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useAgentsNow } from "@/components/topology/use-agents-now";
import { Banner } from "@/components/ui/banner";
import { formatDuration } from "@/components/ui/duration";
import { useMoment } from "@/components/ui/use-moment";
import { WholeList } from "@/components/ui/whole-list";
import type { Result } from "@/lib/errors";
import type { Closing, Standing, StandingStop } from "@/lib/lifecycle/schema";
import { CloseEntry } from "./close-entry";
import { DownBanner } from "./down-banner";
import { usePlanWords } from "./plan-words";

/** One that nobody can tell about waits for a person. */
const isTask = ({ state }: StandingStop): boolean => state === "looking" || state === "silent";

/** As many as leave the page below them in sight. */
const SHOWN = 4;

/** One banner per matter, the pressing ones first, for as long as it stands. */
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
  const words = usePlanWords();
  const link = (href: string, text: string) => (
    <Link
      href={href}
      prefetch={false}
      className="underline underline-offset-2 max-sm:min-w-11 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center"
    >
      {text}
    </Link>
  );
  const matters = [
    ...stops
      .toSorted((left, right) => Number(isTask(right)) - Number(isTask(left)))
      .map((stop) => {
        return (
          <Banner key={`stop ${stop.planId}`} tone={isTask(stop) ? "decide" : "info"} live>
            <p>
              {t(stop.state, { kind: stop.action, name: stop.person, what: what(stop), time: moment(stop.since) })}{" "}
              {stop.runId ? link(`/clusters/${clusterId}/runs/${stop.runId}`, t("open")) : null}
            </p>
            {stop.silent.length > 0 ? (
              <div className="text-sm break-words">
                <p>{t("notAnswering", { list: words.shortList(named(stop.silent)) })}</p>
                <WholeList items={named(stop.silent)} />
              </div>
            ) : null}
            {isTask(stop) && closeIntent ? (
              <CloseEntry clusterId={clusterId} planId={stop.planId} closeIntent={closeIntent} />
            ) : null}
          </Banner>
        );
      }),
    ...approvals.map((approval) => (
      <Banner key={`approval ${approval.id}`} tone="decide" live>
        <p>
          {t("approval", {
            name: approval.requestedBy,
            what: what(approval),
            left: formatDuration(approval.expiresInMs),
          })}{" "}
          {link(`/clusters/${clusterId}/approvals/${approval.id}`, t("approvalOpen"))}
        </p>
      </Banner>
    )),
    ...down.map((stop) => <DownBanner key={stop.runId} clusterId={clusterId} stop={stop} />),
  ];
  const more = matters.slice(SHOWN);
  return (
    <div className="space-y-2 px-4 pt-3">
      {matters.slice(0, SHOWN)}
      {more.length > 0 ? (
        <details>
          <summary className="inline-block underline underline-offset-2 max-sm:min-h-11 max-sm:py-2">
            {t("more", { n: more.length })}
          </summary>
          <div className="mt-2 max-h-96 space-y-2 overflow-y-auto" tabIndex={0}>
            {more}
          </div>
        </details>
      ) : null}
    </div>
  );
}
