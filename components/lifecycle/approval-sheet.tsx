"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { useNow } from "@/components/layout/freshness";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { formatDuration } from "@/components/ui/duration";
import { EnvironmentBadge } from "@/components/ui/environment-badge";
import { useMoment } from "@/components/ui/use-moment";
import type { Approval, Decision, Plan } from "@/lib/lifecycle/schema";
import { ChangeList } from "./change-list";
import { ConfirmSummary } from "./confirm-summary";
import { namesOf } from "./plan-words";

/** The confirmation as the second person reads it: the same facts, nothing to type, two ways on (ux C-13). */
export function ApprovalSheet({
  approval,
  plan,
  readAtMs,
  me,
  mayApprove,
  onDecide,
}: {
  approval: Approval;
  plan: Plan;
  /** Browser time of the answer; ages count from here. */
  readAtMs: number;
  me: string;
  mayApprove: boolean;
  onDecide: (decision: Decision["decision"]) => Promise<void>;
}) {
  const t = useTranslations("plan.approval");
  const confirm = useTranslations("plan");
  const moment = useMoment("minute");
  const clock = useNow();
  const isReady = clock > 0; // a decision is not kept until the page listens: it is read and taken in one moment
  const now = clock || readAtMs;
  const [isSaving, setSaving] = useState(false);
  const name = approval.requestedBy;
  const isOpen = approval.state === "waiting" && plan.state !== "sent";
  const isChanged = isOpen && plan.changes.length > 0;
  const leftMs = Math.max(0, approval.expiresInMs - (now - readAtMs));
  const what = confirm("heading", namesOf(plan));
  const decide = async (decision: Decision["decision"]) => {
    setSaving(true);
    await onDecide(decision).finally(() => setSaving(false));
  };
  return (
    <article className="rounded-[5px] border border-line-strong bg-panel">
      <header
        className={`flex items-center gap-3 border-b px-5 py-3 max-sm:px-4 ${plan.method === "force" ? "border-fail" : "border-line-strong"}`}
      >
        <EnvironmentBadge environment={plan.cluster.environment} />
        <h1 className="text-lg leading-tight">{t("heading", { what })}</h1>
      </header>
      <div className="space-y-2.5 px-5 pt-2.5 pb-3 max-sm:px-4">
        {isChanged ? <ChangeList title={t("changed", { name })} changes={plan.changes} live /> : null}
        <p className="font-semibold">{t("asks", { name })}</p>
        <p>
          {t("reason")}: <q className="break-words">{approval.reason}</q>
        </p>
        <ConfirmSummary plan={plan} ageMs={plan.ageMs + (now - readAtMs)} />
      </div>
      <footer className="space-y-2 border-t px-5 py-3 max-sm:px-4">
        {isOpen ? (
          <>
            <p className="text-ink-2">{t("lead", { name })}</p>
            <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
              <Button
                blocked={!isReady || isSaving || !mayApprove}
                aria-describedby="approval-left"
                onClick={() => void decide("declined")}
              >
                {t("decline")}
              </Button>
              <Button
                look={plan.method === "force" ? "danger" : "primary"}
                blocked={!isReady || isSaving || !mayApprove || isChanged || leftMs === 0}
                aria-describedby="approval-left"
                onClick={() => void decide("approved")}
              >
                {isSaving ? t("deciding") : t("approve", { kind: plan.action })}
              </Button>
              <span id="approval-left" className="text-ink-2">
                {!mayApprove ? t("notAllowed") : isReady ? t("left", { left: formatDuration(leftMs) }) : t("opening")}
              </span>
            </div>
          </>
        ) : (
          <Banner tone="info" live>
            <p>{ended()}</p>
          </Banner>
        )}
      </footer>
    </article>
  );

  function ended(): string {
    if (plan.state === "sent") return t("sent");
    if (approval.decidedBy === me) return t(approval.state === "declined" ? "doneDeclined" : "doneApproved", { name });
    const time = moment(approval.expiresAt);
    return t(approval.state === "waiting" ? "expired" : approval.state, { name: approval.decidedBy ?? "", time });
  }
}
