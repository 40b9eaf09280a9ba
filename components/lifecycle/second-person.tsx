"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { formatDuration } from "@/components/ui/duration";
import { FailureNote } from "@/components/ui/failure-note";
import { useMoment } from "@/components/ui/use-moment";
import type { Failure } from "@/lib/errors";
import type { Approval } from "@/lib/lifecycle/schema";
import { CopyButton } from "./copy-button";
import type { PlanActions } from "./plan-actions";

const MIN_REASON = 5;

/**
 * The second person's part in the dialog (ux C-13): asks, waits, tells the decision. Passing the second person over is a
 * choice of its own, said plainly, and never the way on that comes first.
 */
export function SecondPerson({
  clusterId,
  planId,
  keep,
  approval,
  reason,
  requestApproval,
  breakGlass,
  onBreakGlass,
  onAsked,
  isLocked,
}: {
  clusterId: string;
  planId: string;
  /** What the button says that leaves the request open. */
  keep: string;
  approval: Approval | null;
  reason: string;
  requestApproval: PlanActions["requestApproval"];
  breakGlass: boolean;
  onBreakGlass: (on: boolean) => void;
  onAsked: () => void;
  isLocked: boolean;
}) {
  const t = useTranslations("plan.approval");
  const [asking, setAsking] = useState<{ step: "idle" | "sending" } | { step: "failed"; failure: Failure }>({
    step: "idle",
  });
  const isShort = reason.trim().length < MIN_REASON;
  const ask = async () => {
    setAsking({ step: "sending" });
    const answer = await requestApproval({ clusterId, planId, reason: reason.trim() }).catch(() => null);
    if (!answer?.ok) return setAsking({ step: "failed", failure: answer?.failure ?? { kind: "console-unreachable" } });
    setAsking({ step: "idle" });
    onAsked();
  };
  const at = useMoment("minute");
  return (
    <section aria-label={t("title")} className="space-y-2 border-t pt-2.5">
      {approval === null ? (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <p className="min-w-48 flex-1">{t("needed")}</p>
          <Button blocked={isShort || isLocked || asking.step === "sending"} onClick={() => void ask()}>
            {t(asking.step === "sending" ? "asking" : "ask")}
          </Button>
          {isShort ? <p className="w-full text-sm text-ink-2">{t("reasonFirst")}</p> : null}
        </div>
      ) : (
        <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <p className="min-w-48 flex-1">
            {approval.state === "waiting"
              ? t("waiting", { time: at(approval.requestedAt), left: formatDuration(approval.expiresInMs) })
              : t(approval.state, { name: approval.decidedBy ?? "", time: at(approval.expiresAt) })}
          </p>
          {approval.state === "waiting" ? (
            <CopyButton text={() => `${location.origin}/clusters/${clusterId}/approvals/${approval.id}`}>
              {t("copyLink")}
            </CopyButton>
          ) : null}
        </div>
      )}
      {approval?.state === "waiting" ? <p className="text-sm text-ink-2">{t("stays", { keep })}</p> : null}
      {asking.step === "failed" ? <FailureNote failure={asking.failure} /> : null}
      {approval?.state === "approved" ? null : (
        <label className="flex min-h-6 items-start gap-2 text-sm max-sm:min-h-11 max-sm:items-center">
          <input
            type="checkbox"
            checked={breakGlass}
            disabled={isLocked}
            onChange={(event) => onBreakGlass(event.currentTarget.checked)}
            className="mt-0.5 size-4 shrink-0 accent-(--fail)"
          />
          <span>{t("breakGlass")}</span>
        </label>
      )}
    </section>
  );
}
