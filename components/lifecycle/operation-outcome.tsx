"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { FailureNote } from "@/components/ui/failure-note";
import { useTabTitle } from "@/components/ui/use-tab-title";
import { isAppError } from "@/lib/errors";
import { getJson } from "@/lib/get-json";
import type { OperationRequest, PartResult, Send } from "@/lib/lifecycle/schema";
import { PartList } from "./part-list";
import { isDone, isLeft } from "./part-look";
import { shortRun } from "./plan-words";

const ASK_MS = 1_000;
const LINK = "inline-flex min-h-9 items-center underline underline-offset-2 max-sm:min-h-11";

/** What became of an operation that was sent, agent by agent (ux V-3). Its plan stands in the address, so it survives a reload. */
export function OperationOutcome({
  clusterId,
  runId,
  action,
  planId,
}: {
  clusterId: string;
  runId: string;
  action: OperationRequest["action"];
  planId: string;
}) {
  const t = useTranslations("plan.outcome");
  const { data: send, error } = useQuery({
    queryKey: ["send", clusterId, planId],
    queryFn: ({ signal }) => getJson<Send>(`/api/clusters/${clusterId}/plans/${planId}/send`, signal),
    retry: false,
    refetchInterval: ({ state }) => (isSettled(state.data) || isUnknown(state.error) ? false : ASK_MS),
  });
  const what = t("title", { kind: action, run: shortRun(runId) });
  const parts = send?.state === "operating" ? send.parts : [];
  const isOver = isSettled(send);
  useTabTitle(t("tab", { mark: !isOver ? "◐" : parts.some(isLeft) ? "✕" : "✓", what }));
  const base = `/clusters/${clusterId}`;
  return (
    <div className="mx-auto w-full max-w-3xl space-y-4 px-4 py-6">
      <h1 className="text-xl">{what}</h1>
      <p role="status">{said()}</p>
      {error && isAppError(error) && !isUnknown(error) ? (
        <FailureNote failure={{ kind: error.kind }} live={false} />
      ) : null}
      {parts.length > 0 ? <PartList parts={parts} action={action} /> : null}
      <p className="flex flex-wrap gap-x-5 gap-y-1">
        {isOver && send?.state === "operating" ? <TryAgain base={`${base}/runs/${runId}`} parts={parts} /> : null}
        <Link href={`${base}/runs/${runId}`} prefetch={false} className={LINK}>
          {t("toRun")}
        </Link>
        <Link href={base} prefetch={false} className={LINK}>
          {t("toCluster")}
        </Link>
      </p>
    </div>
  );

  function said(): string {
    if (isUnknown(error)) return t("lost");
    if (!send) return t("reading");
    if (send.state === "accepted") return t("sentAsRun");
    if (send.state !== "operating") return send.state === "none" || send.state === "closed" ? t("none") : t("reading");
    const counts = { done: parts.filter(isDone).length, n: parts.length, left: parts.filter(isLeft).length };
    return t(send.isOver ? "over" : "working", counts);
  }
}

const isSettled = (send: Send | undefined): boolean =>
  send !== undefined &&
  (send.state === "operating" ? send.isOver : send.state !== "sending" && send.state !== "unknown");

const isUnknown = (error: unknown): boolean => isAppError(error) && error.kind === "plan-unknown";

/** For those alone that are left, and as a plan of its own: whether the engine takes it now is judged again. */
function TryAgain({ base, parts }: { base: string; parts: readonly PartResult[] }) {
  const t = useTranslations("plan.outcome");
  const left = parts.filter(isLeft);
  if (left.length === 0) return null;
  const agents = left.filter((part) => part.does === "release").map((part) => part.agent);
  const isUncancelled = left.some((part) => part.does === "cancel");
  return (
    <Link
      href={isUncancelled ? `${base}/cancel` : `${base}/release?agents=${agents.map(encodeURIComponent).join()}`}
      prefetch={false}
      className={`${LINK} font-medium`}
    >
      {isUncancelled ? t("againCancel") : t("again", { n: agents.length })}
    </Link>
  );
}
