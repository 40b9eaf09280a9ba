"use client";

import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import { useDraft } from "@/components/ui/use-draft";
import type { Failure, Result } from "@/lib/errors";
import type { Closing } from "@/lib/lifecycle/schema";
import { FIELD } from "./field";

const MIN_REASON = 5;
type Step = { step: "closed" | "asking" | "sending" } | { step: "failed"; failure: Failure };

/** The way on when an agent never comes back: a person ends the entry, in two steps and for a reason. */
export function CloseEntry({
  clusterId,
  planId,
  closeIntent,
}: {
  clusterId: string;
  planId: string;
  closeIntent: (closing: Closing) => Promise<Result<null>>;
}) {
  const t = useTranslations("plan.standing");
  const id = useId();
  const [state, setState] = useState<Step>({ step: "closed" });
  const [reason, setReason] = useDraft(`close ${planId}`); // the banner may go and come back with the next look
  if (state.step === "closed") return <Button onClick={() => setState({ step: "asking" })}>{t("close")}</Button>;
  const isBlocked = state.step === "sending" || reason.trim().length < MIN_REASON;
  const close = async () => {
    setState({ step: "sending" });
    const answer = await closeIntent({ clusterId, planId, reason: reason.trim() }).catch(() => null);
    // The banner goes with the next look.
    if (!answer?.ok) setState({ step: "failed", failure: answer?.failure ?? { kind: "console-unreachable" } });
  };
  return (
    <div className="mt-1 max-w-prose space-y-2 border-l-2 border-line-strong pl-3">
      <p>{t("closeWhat")}</p>
      <label htmlFor={id} className="text-sm text-ink-2">
        {t("closeReason")}
      </label>
      <input
        id={id}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={2_000}
        autoComplete="off"
        className={FIELD}
      />
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setState({ step: "closed" })}>{t("closeKeep")}</Button>
        <Button blocked={isBlocked} onClick={() => void close()}>
          {t(state.step === "sending" ? "closing" : "closeGo")}
        </Button>
      </div>
      {state.step === "failed" ? <FailureNote failure={state.failure} /> : null}
    </div>
  );
}
