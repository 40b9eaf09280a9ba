"use client";

import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { asOwnProof } from "@/components/account/as-own-proof";
import { withoutSpaces } from "@/components/account/without-spaces";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import type { Failure } from "@/lib/errors";
import { FIELD } from "./field";
import type { PlanActions } from "./plan-actions";

/** Asks once more who it is, inside the dialog: what is typed elsewhere stays, and the button is pressed again after it. */
export function StepUp({
  clusterId,
  proveAgain,
  onProven,
}: {
  clusterId: string;
  proveAgain: PlanActions["proveAgain"];
  onProven: () => void;
}) {
  const t = useTranslations("plan.stepUp");
  const id = useId();
  const [way, setWay] = useState<"password" | "totp">("password");
  const [secret, setSecret] = useState("");
  const [state, setState] = useState<{ step: "asking" | "sending" } | { step: "failed"; failure: Failure }>({
    step: "asking",
  });
  const isSending = state.step === "sending";
  const prove = async () => {
    if (isSending || secret === "") return;
    setState({ step: "sending" });
    const proof = way === "password" ? { password: secret } : { totp: withoutSpaces(secret) };
    const answer = await proveAgain({ clusterId, proof }).catch(() => null);
    if (answer) setSecret(""); // without an answer it was not judged, and is not typed again
    if (answer?.ok) return onProven();
    setState({ step: "failed", failure: answer ? asOwnProof(answer.failure) : { kind: "console-unreachable" } });
  };
  return (
    <Banner tone="decide" live>
      <p className="font-semibold">{t("what")}</p>
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-40 flex-1">
          <label htmlFor={id} className="text-sm text-ink-2">
            {t(way)}
          </label>
          <input
            id={id}
            type={way === "password" ? "password" : "text"}
            inputMode={way === "totp" ? "numeric" : undefined}
            autoComplete={way === "password" ? "current-password" : "one-time-code"}
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.nativeEvent.isComposing) void prove();
            }}
            className={FIELD}
          />
        </div>
        <Button blocked={isSending || secret === ""} onClick={() => void prove()}>
          {t(isSending ? "proving" : "go")}
        </Button>
      </div>
      <button
        type="button"
        onClick={() => {
          setWay(way === "password" ? "totp" : "password");
          setSecret("");
        }}
        className="min-h-6 rounded-[3px] text-sm underline underline-offset-2 max-sm:min-h-11"
      >
        {t(way === "password" ? "useTotp" : "usePassword")}
      </button>
      <p className="text-sm text-ink-2">{t("companySignIn")}</p>
      {state.step === "failed" ? <FailureNote failure={state.failure} /> : null}
    </Banner>
  );
}
