"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import type { Failure } from "@/lib/errors";
import type { PlanActions } from "./plan-actions";
import type { LivePlan } from "./use-live-plan";

type Trusting = { step: "closed" | "asking" | "sending" } | { step: "failed"; failure: Failure };

/** A changed key is taken as the right one only on the operator's word, in two steps. */
export function TrustKey({
  clusterId,
  live,
  trustAgentKey,
}: {
  clusterId: string;
  live: LivePlan;
  trustAgentKey: PlanActions["trustAgentKey"];
}) {
  const t = useTranslations("plan.trust");
  const [state, setState] = useState<Trusting>({ step: "closed" });
  const trust = async () => {
    setState({ step: "sending" });
    try {
      const answer = await trustAgentKey({ clusterId, planId: live.plan.id });
      if (!answer.ok) return setState({ step: "failed", failure: answer.failure });
      live.take(answer.value);
      setState({ step: "closed" });
    } catch {
      setState({ step: "failed", failure: { kind: "console-unreachable" } });
    }
  };
  if (state.step === "closed") return <Button onClick={() => setState({ step: "asking" })}>{t("open")}</Button>;
  return (
    <div className="mt-1 space-y-2 border-l-2 border-line-strong pl-3">
      <p>{t("what", { address: live.plan.coordinator ?? "—" })}</p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setState({ step: "closed" })}>{t("keep")}</Button>
        <Button blocked={state.step === "sending"} onClick={() => void trust()}>
          {t("go")}
        </Button>
      </div>
      {state.step === "failed" ? <FailureNote failure={state.failure} /> : null}
    </div>
  );
}
