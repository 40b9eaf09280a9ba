"use client";

import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import type { Abilities } from "@/components/layout/abilities";
import { FIELD } from "@/components/lifecycle/field";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import { useDraft } from "@/components/ui/use-draft";
import type { Failure } from "@/lib/errors";
import { useTopology } from "./use-topology";

const MIN_REASON = 5;

type Step = { step: "closed" | "asking" | "saving" } | { step: "failed"; failure: Failure };

/** In two steps and for a reason, because it lowers what every later stop is asked for. */
export function SetAside({
  clusterId,
  address,
  setAside,
}: {
  clusterId: string;
  address: string;
  setAside: NonNullable<Abilities["setAside"]>;
}) {
  const t = useTranslations("topology.aside");
  const id = useId();
  const { refetch } = useTopology(clusterId, null);
  const [state, setState] = useState<Step>({ step: "closed" });
  const [reason, setReason] = useDraft(`aside ${clusterId} ${address}`); // its row may go and come back with the next look
  if (state.step === "closed")
    return <Button onClick={() => setState({ step: "asking" })}>{t("offer", { server: address })}</Button>;
  const isBlocked = state.step === "saving" || reason.trim().length < MIN_REASON;
  const save = async () => {
    setState({ step: "saving" });
    const answer = await setAside({ clusterId, server: address, reason: reason.trim() }).catch(() => null);
    if (!answer?.ok) setState({ step: "failed", failure: answer?.failure ?? { kind: "console-unreachable" } });
    else {
      setReason("");
      await refetch();
    }
  };
  return (
    <div className="space-y-2 border-l-2 border-line-strong pl-3">
      <p>{t("what", { server: address })}</p>
      <label htmlFor={id} className="text-ink-2">
        {t("reason")} ({t("reasonHint")})
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
        <Button onClick={() => setState({ step: "closed" })}>{t("keep")}</Button>
        <Button blocked={isBlocked} onClick={() => void save()}>
          {state.step === "saving" ? t("saving") : t("go", { server: address })}
        </Button>
      </div>
      {state.step === "failed" ? <FailureNote failure={state.failure} /> : null}
    </div>
  );
}
