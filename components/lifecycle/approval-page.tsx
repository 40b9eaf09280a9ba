"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { FailureNote } from "@/components/ui/failure-note";
import type { Failure, Result } from "@/lib/errors";
import { getJson } from "@/lib/get-json";
import type { Approval, Decision, Plan } from "@/lib/lifecycle/schema";
import { ApprovalSheet } from "./approval-sheet";
import type { PlanActions } from "./plan-actions";
import { PlanReview } from "./plan-review";

const ASK_MS = 3_000;
/** The plan is there already. */
const nothing = () => null;

interface Asked {
  approval: Approval;
  plan: Plan;
}

/** The link of a request: the second person decides here, and whoever asked comes back to the plan here. */
export function ApprovalPage({
  clusterId,
  approvalId,
  first,
  me,
  mayApprove,
  actions,
  decideApproval,
}: {
  clusterId: string;
  approvalId: string;
  first: Result<Asked>;
  me: string;
  mayApprove: boolean;
  actions: PlanActions;
  decideApproval: (decision: Decision) => Promise<Result<Approval>>;
}) {
  const t = useTranslations("plan.approval");
  const [failure, setFailure] = useState<Failure | null>(first.ok ? null : first.failure);
  const isOwn = first.ok && first.value.approval.requestedBy === me;
  const { data, refetch, dataUpdatedAt } = useQuery({
    queryKey: ["approval", clusterId, approvalId],
    queryFn: ({ signal }) => getJson<Asked>(`/api/clusters/${clusterId}/approvals/${approvalId}`, signal),
    initialData: first.ok ? first.value : undefined,
    enabled: first.ok && !isOwn,
    refetchInterval: ASK_MS,
  });
  if (isOwn) {
    const { plan, approval } = first.value;
    return (
      <PlanReview clusterId={clusterId} actions={actions} ask={nothing} known={{ plan, reason: approval.reason }} />
    );
  }
  const decide = async (decision: Decision["decision"]) => {
    const answer = await decideApproval({ clusterId, approvalId, decision }).catch(() => null);
    setFailure(answer?.ok ? null : (answer?.failure ?? { kind: "console-unreachable" }));
    await refetch();
  };
  return (
    <div className="mx-auto w-full max-w-3xl space-y-3 px-4 py-6">
      {failure ? <FailureNote failure={failure} /> : null}
      {data ? (
        <ApprovalSheet {...data} readAtMs={dataUpdatedAt} me={me} mayApprove={mayApprove} onDecide={decide} />
      ) : null}
      <Link
        href={`/clusters/${clusterId}`}
        prefetch={false}
        className="inline-flex min-h-9 items-center underline underline-offset-2 max-sm:min-h-11"
      >
        {t("toTopology")}
      </Link>
    </div>
  );
}
