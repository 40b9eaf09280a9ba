"use client";

import { useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import { useNow } from "@/components/layout/freshness";
import { LanguageSelect } from "@/components/layout/language-select";
import { ZoneSelect } from "@/components/layout/zone-select";
import { Button } from "@/components/ui/button";
import { EnvironmentBadge } from "@/components/ui/environment-badge";
import { ConfirmFields } from "./confirm-fields";
import { ConfirmSummary } from "./confirm-summary";
import { needsNewPlan, obstacleOf, shownAsOfMs } from "./obstacle";
import { Outdated } from "./outdated";
import type { PlanActions } from "./plan-actions";
import { namesOf } from "./plan-words";
import { SecondPerson } from "./second-person";
import { RunsLink, SendNote } from "./send-note";
import { StepUp } from "./step-up";
import type { LivePlan } from "./use-live-plan";
import { useModal } from "./use-modal";
import { useObstacleText } from "./use-obstacle-text";
import { useSend } from "./use-send";
import { useTypedAgain } from "./use-typed-again";
import { useTypedName } from "./use-typed-name";

const MIN_REASON = 5;

/**
 * The last question (ux §7). What it shows is frozen when it opens; `live` only decides whether that may still be sent.
 * Nothing here is a form, so Enter confirms only on the destructive button itself (C-5).
 */
export function ConfirmDialog({
  clusterId,
  live,
  actions,
  reason,
  onReason,
  onClosed,
  onReviewAgain,
  onAccepted,
  onOperating,
}: {
  clusterId: string;
  live: LivePlan;
  actions: Pick<PlanActions, "confirmPlan" | "cancelPlan" | "requestApproval" | "proveAgain">;
  /** Kept by the page, so that it is not typed twice after reviewing again. */
  reason: string;
  onReason: (reason: string) => void;
  onClosed: () => void;
  onReviewAgain: () => void;
  onAccepted: (runId: string) => void;
  /** An operation is at work: what becomes of it has a page of its own. */
  onOperating: (planId: string, runId: string) => void;
}) {
  const t = useTranslations("plan.confirm");
  const ids = useId();
  const [plan] = useState(live.plan);
  const now = useNow();
  const name = useTypedName(plan.cluster.name);
  const isForce = plan.method === "force";
  useTypedAgain(isForce, name.clear);
  const [breakGlass, setBreakGlass] = useState(false);
  const { sending, send, again } = useSend(clusterId, plan.id, actions.confirmPlan);
  const isTaken = sending.phase === "accepted" || sending.phase === "operating";
  const isLocked = sending.phase === "sending" || sending.phase === "checking" || isTaken;
  const dialog = useRef<HTMLDialogElement>(null);
  const modal = useModal(dialog, isLocked, () => {
    const typed = name.typed.trim() !== "" || reason.trim() !== "";
    const nothingSent = sending.phase === "idle" || sending.phase === "refused";
    // Given up after typing: the audit knows. That it could not be written changes nothing for the operator.
    if (typed && nothingSent)
      actions.cancelPlan({ clusterId, planId: plan.id, reason: reason.trim() }).catch(() => undefined);
    onClosed();
  });
  const obstacle = isLocked ? null : obstacleOf(live, now || live.asOfMs);
  const obstacleText = useObstacleText(obstacle, live);
  // What a second person reads, or has agreed to, is what is sent.
  const askedReason =
    live.plan.approval?.state === "waiting" || live.plan.approval?.state === "approved"
      ? live.plan.approval.reason
      : null;
  const saidReason = askedReason ?? reason;
  const reasonMissing = plan.tier >= 2 && saidReason.trim().length < MIN_REASON;
  const nameMissing = plan.tier === 3 && !name.matches;
  const secondMissing = plan.needsApproval && live.plan.approval?.state !== "approved" && !breakGlass;
  const typedMissing = reasonMissing && nameMissing ? "both" : reasonMissing ? "reason" : nameMissing ? "name" : null;
  const missing = typedMissing ?? (secondMissing ? "approval" : null);
  const isOver = needsNewPlan(obstacle) || sending.phase === "none" || sending.phase === "lost";
  const isBlocked = isLocked || isOver || obstacle !== null || missing !== null;
  const names = namesOf(plan);

  const { refetch } = live;
  const isRefused = sending.phase === "refused";
  const isAskedWho = sending.phase === "refused" && sending.failure.kind === "step-up-needed";
  useEffect(() => {
    if (isRefused) refetch(); // what has changed shows at once beside the refusal
  }, [isRefused, refetch]);
  const takenBy = isTaken ? sending.runId : null;
  const isOperation = sending.phase === "operating";
  useEffect(() => {
    if (takenBy === null) return;
    if (isOperation) onOperating(plan.id, takenBy);
    else onAccepted(takenBy);
  }, [takenBy, isOperation, plan.id, onAccepted, onOperating]);

  const confirm = () => {
    if (isBlocked || !modal.isSettled()) return;
    void send({
      clusterId,
      planId: plan.id,
      fingerprint: plan.fingerprint,
      reason: saidReason.trim(),
      typedName: name.typed,
      breakGlass: breakGlass && live.plan.approval?.state !== "approved",
    });
  };

  return (
    <dialog
      ref={dialog}
      onKeyDown={modal.onKeyDown}
      onCancel={modal.onCancel}
      onClose={modal.onClose}
      role="alertdialog"
      aria-modal="true"
      aria-labelledby={`${ids}title`}
      aria-describedby={`${ids}summary`}
      className="m-auto w-[min(47rem,calc(100vw-2rem))] max-w-none overscroll-contain rounded-[5px] border border-line-strong bg-panel text-ink shadow-(--shadow) max-sm:m-0 max-sm:h-dvh max-sm:max-h-none max-sm:w-screen max-sm:rounded-none max-sm:border-0"
    >
      <div className="flex min-h-full flex-col">
        <header
          className={`flex items-center gap-3 border-b px-5 py-3 max-sm:flex-wrap max-sm:gap-y-1 max-sm:px-4 max-sm:pt-1.5 ${isForce ? "border-fail" : "border-line-strong"}`}
        >
          <span className="shrink-0 whitespace-nowrap">
            <EnvironmentBadge environment={plan.cluster.environment} />
          </span>
          <h2 id={`${ids}title`} className="text-lg leading-tight max-sm:order-last max-sm:basis-full">
            {t("title", names)}
          </h2>
          {/* The page's own lies under the dialog, out of reach. */}
          <span className="-my-1 -mr-1.5 ml-auto flex shrink-0 items-center max-sm:my-0">
            <ZoneSelect where="narrow" />
            <LanguageSelect className="sm:min-h-7" />
          </span>
        </header>
        <div className="space-y-2.5 px-5 pt-2.5 pb-3 max-sm:px-4">
          {isAskedWho ? (
            <StepUp clusterId={clusterId} proveAgain={actions.proveAgain} onProven={again} />
          ) : (
            <SendNote
              clusterId={clusterId}
              action={plan.action}
              cancels={plan.cancels}
              unheard={live.plan.unheard}
              sending={sending}
              onAgain={onReviewAgain}
            />
          )}
          {needsNewPlan(obstacle) && sending.phase !== "none" && sending.phase !== "lost" ? (
            <Outdated obstacle={obstacle} live={live} onReviewAgain={onReviewAgain} />
          ) : null}
          <div id={`${ids}summary`}>
            <ConfirmSummary plan={plan} ageMs={now === 0 ? plan.ageMs : now - shownAsOfMs(live)} />
          </div>
          <ConfirmFields
            plan={plan}
            name={name}
            reason={saidReason}
            onReason={onReason}
            isAsked={askedReason !== null}
            isLocked={isLocked}
            ids={ids}
          />
          {plan.needsApproval ? (
            <SecondPerson
              clusterId={clusterId}
              planId={plan.id}
              keep={t("keep", names)}
              approval={live.plan.approval}
              reason={reason}
              requestApproval={actions.requestApproval}
              breakGlass={breakGlass}
              onBreakGlass={setBreakGlass}
              onAsked={refetch}
              isLocked={isLocked}
            />
          ) : null}
        </div>
        <footer className="mt-auto flex items-center justify-between gap-x-6 gap-y-2 border-t px-5 py-3 max-sm:contents">
          <div className="max-sm:sticky max-sm:bottom-0 max-sm:z-10 max-sm:order-2 max-sm:border-t max-sm:bg-panel max-sm:px-4 max-sm:py-2">
            {sending.phase === "checking" || sending.phase === "lost" ? (
              // Nobody can promise now that the servers keep running.
              <RunsLink clusterId={clusterId} />
            ) : (
              <Button
                data-first-focus=""
                look="plain"
                className="max-sm:w-full"
                blocked={isLocked}
                onClick={modal.close}
              >
                {t("keep", names)}
              </Button>
            )}
          </div>
          <div className="ml-auto flex min-w-0 items-center justify-end gap-x-3 gap-y-1.5 max-sm:order-1 max-sm:mx-4 max-sm:mt-2 max-sm:mb-6 max-sm:flex-col max-sm:items-stretch">
            <p id={`${ids}why`} role="status" className="text-sm text-ink-2 min-w-0 sm:max-w-80 sm:text-right">
              {obstacleText ?? (missing === null || isLocked || isOver ? "" : t(`need.${missing}`))}
            </p>
            <Button
              look={isForce ? "danger" : "primary"}
              blocked={isBlocked}
              aria-describedby={`${ids}why`}
              onClick={confirm}
            >
              {sending.phase === "sending" ? t("sending") : t("go", names)}
            </Button>
          </div>
        </footer>
      </div>
    </dialog>
  );
}
