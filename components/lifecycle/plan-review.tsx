"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import type { Plan } from "@/lib/lifecycle/schema";
import type { PlanActions } from "./plan-actions";
import { PlanSheet } from "./plan-sheet";
import { useReview } from "./use-review";

const SLOW_MS = 5_000;

/** The page between selecting and confirming (ux §6): makes the plan, shows it, and hosts the dialog. */
export function PlanReview({
  clusterId,
  actions,
  known,
}: {
  clusterId: string;
  actions: PlanActions;
  /** A plan of before, with the reason that was given for it. */
  known?: { plan: Plan; reason: string };
}) {
  const t = useTranslations("plan");
  const common = useTranslations("common");
  const { review, make } = useReview(clusterId, actions.makePlan, known?.plan);
  const [reason, setReason] = useState(known?.reason ?? "");
  const topology = (
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
        key={review.plan.id}
        clusterId={clusterId}
        review={review}
        actions={actions}
        reason={reason}
        onReason={setReason}
        onReviewAgain={(plan) => void make({ plan, changes: plan.changes })}
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
            <Button onClick={() => void make(null)}>{t("tryAgain")}</Button>
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
