"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect, useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import type { Plan, PlanRequest } from "@/lib/lifecycle/schema";
import type { PlanActions } from "./plan-actions";
import { PlanSheet } from "./plan-sheet";
import { useReview } from "./use-review";

const SLOW_MS = 5_000;

/** The page between choosing and confirming (ux §6): makes the plan, shows it, and hosts the dialog. */
export function PlanReview({
  clusterId,
  actions,
  ask,
  known,
  back,
}: {
  clusterId: string;
  actions: PlanActions;
  /** What is to be planned, asked once when the page opens; null when nothing was chosen. Must not change. */
  ask: () => PlanRequest | null;
  /** A plan of before, with the reason that was given for it. */
  known?: { plan: Plan; reason: string };
  /** The way to what the plan was made from, where that is not its action's own page. */
  back?: ReactNode;
}) {
  const t = useTranslations("plan");
  const common = useTranslations("common");
  const { review, again, choose } = useReview(clusterId, actions.makePlan, { ask, known: known?.plan });
  const [reason, setReason] = useState(known?.reason ?? "");
  const topology = back ?? (
    <Link
      href={`/clusters/${clusterId}`}
      prefetch={false}
      className="inline-flex min-h-9 items-center underline underline-offset-2 max-sm:min-h-11"
    >
      {common("back")}
    </Link>
  );
  if (review.step === "made") {
    return (
      <PlanSheet
        clusterId={clusterId}
        review={review}
        actions={actions}
        reason={reason}
        onReason={setReason}
        onReviewAgain={(plan) => again(review.request, { plan, changes: plan.changes })}
        onChoose={(releases) => void choose(review, releases)}
        back={back}
      />
    );
  }
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-8">
      {review.step === "making" ? (
        <Making />
      ) : review.step === "empty" ? (
        <div className="space-y-2">
          <h1 className="text-xl">{t("empty.what")}</h1>
          <p>{t("empty.next")}</p>
          {topology}
        </div>
      ) : (
        <div className="space-y-3">
          <h1 className="text-xl">{t("failedTitle")}</h1>
          <FailureNote failure={review.failure} />
          <div className="flex flex-wrap items-center gap-4">
            <Button onClick={() => again(review.request, null)}>{t("tryAgain")}</Button>
            {topology}
          </div>
        </div>
      )}
    </div>
  );
}

function Making() {
  const t = useTranslations("plan");
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p role="status" className="text-ink-2">
      {t(isSlow ? "makingSlow" : "making")}
    </p>
  );
}
