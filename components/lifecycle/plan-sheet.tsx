"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useState, type ReactNode } from "react";
import { Banner } from "@/components/ui/banner";
import { EnvironmentBadge } from "@/components/ui/environment-badge";
import type { Plan } from "@/lib/lifecycle/schema";
import { ChangeList } from "./change-list";
import { ConfirmDialog } from "./confirm-dialog";
import { PlanActs } from "./plan-acts";
import { PlanBlockers } from "./plan-blockers";
import { PlanChecks } from "./plan-checks";
import { PlanRequest } from "./plan-request";
import type { PlanActions } from "./plan-actions";
import { PlanTargets } from "./plan-targets";
import { PlanTicket } from "./plan-ticket";
import { namesOf } from "./plan-words";
import { resetMethod, writeSelection } from "./selection-store";
import { TrustKey } from "./trust-key";
import { useLivePlan } from "./use-live-plan";
import type { Review } from "./use-review";
import { useTabTitle } from "@/components/ui/use-tab-title";
import { WayBack } from "./way-back";

/** One plan, laid out: the work order at the left, its grounds at the right, the way on at the end. */
export function PlanSheet({
  clusterId,
  review,
  actions,
  reason,
  onReason,
  onReviewAgain,
  onChoose,
  back,
}: {
  clusterId: string;
  review: Extract<Review, { step: "made" }>;
  actions: PlanActions;
  reason: string;
  onReason: (reason: string) => void;
  onReviewAgain: (plan: Plan) => void;
  /** Another choice of what is released for it. */
  onChoose: (releases: string[]) => void;
  back?: ReactNode;
}) {
  const t = useTranslations("plan");
  const common = useTranslations("common");
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const live = useLivePlan(clusterId, review.plan, review.madeAtMs, isOpen);
  const { plan } = live;
  const what = t("heading", namesOf(plan));
  useTabTitle(t("tab", { what, environment: plan.cluster.environment }));

  const onAccepted = useCallback(
    (runId: string) => {
      writeSelection(clusterId, []);
      resetMethod();
      router.replace(`/clusters/${clusterId}/runs/${runId}`); // Back never comes here again (ux R-3)
    },
    [clusterId, router],
  );
  const onOperating = useCallback(
    (planId: string, runId: string) =>
      router.replace(`/clusters/${clusterId}/runs/${runId}/${review.plan.action}?plan=${planId}`),
    [clusterId, review.plan.action, router],
  );
  const reviewAgain = () => {
    setOpen(false);
    onReviewAgain(live.plan);
  };

  return (
    <div className="mx-auto w-full max-w-[84rem] px-4 pt-4 pb-10">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <EnvironmentBadge environment={plan.cluster.environment} />
        <h1 className="text-xl">{what}</h1>
        <span className="text-ink-2 max-sm:hidden">{back ?? <WayBack plan={plan} />}</span>
        <p className="w-full text-ink-2">{t("lead")}</p>
      </div>
      <div className="mt-3 space-y-2 empty:hidden">
        {review.forceWasReset && plan.method ? (
          <Banner tone="info">{t("forceReset", { method: common(`method.${plan.method}`) })}</Banner>
        ) : null}
        {review.since.length > 0 ? <ChangeList title={t("sincePrevious")} changes={review.since} /> : null}
        {plan.changes.length > 0 && !isOpen ? (
          <ChangeList title={t("changedTitle")} changes={plan.changes} live />
        ) : null}
      </div>
      <div className="mt-4 grid grid-cols-1 gap-x-10 gap-y-6 lg:grid-cols-[minmax(22rem,29rem)_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
        <PlanTicket live={live} />
        <div className="min-w-0 space-y-7 lg:col-start-2 lg:row-span-2 lg:row-start-1">
          <PlanChecks
            live={live}
            trust={<TrustKey clusterId={clusterId} live={live} trustAgentKey={actions.trustAgentKey} />}
          />
          {plan.blockers.length + plan.notAsked.length > 0 ? (
            <PlanBlockers
              clusterId={clusterId}
              plan={plan}
              onChoose={onChoose}
              choosing={review.choosing}
              failure={review.failure}
            />
          ) : null}
          {plan.targets.length > 0 ? <PlanTargets plan={plan} before={review.before} /> : null}
          <PlanRequest plan={plan} />
        </div>
        <PlanActs
          key={plan.id}
          clusterId={clusterId}
          live={live}
          checkOnly={actions.checkOnly}
          onOpen={() => setOpen(true)}
          onReviewAgain={reviewAgain}
        />
      </div>
      <div className="sticky bottom-0 -mx-4 mt-6 -mb-10 border-t bg-panel px-4 py-2 sm:hidden">
        {/* The way back fills the bar, so that all of it can be pressed. */}
        <div className="rounded-[5px] border border-line-strong font-medium *:min-h-11 *:w-full *:justify-center *:no-underline">
          {back ?? <WayBack plan={plan} />}
        </div>
      </div>
      {isOpen ? (
        <ConfirmDialog
          clusterId={clusterId}
          live={live}
          actions={actions}
          reason={reason}
          onReason={onReason}
          onClosed={() => setOpen(false)}
          onReviewAgain={reviewAgain}
          onAccepted={onAccepted}
          onOperating={onOperating}
        />
      ) : null}
    </div>
  );
}
