"use client";

import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import { useDraft } from "@/components/ui/use-draft";
import type { Failure, Result } from "@/lib/errors";
import { FIELD } from "./field";

const MIN_REASON = 5;

type Step = { step: "closed" | "asking" | "sending" } | { step: "failed"; failure: Failure };

/** Something that is done in two steps and for a reason; it goes away by itself once that is seen to be so. */
export function ReasonedStep({
  matter,
  words,
  send,
  onDone,
}: {
  /** What is typed is kept by it: the place may go and come back with the next look. */
  matter: string;
  words: Record<"offer" | "what" | "reason" | "keep" | "go" | "going", string>;
  send: (reason: string) => Promise<Result<unknown>>;
  onDone?: () => Promise<unknown>;
}) {
  const id = useId();
  const [state, setState] = useState<Step>({ step: "closed" });
  const [reason, setReason] = useDraft(matter);
  if (state.step === "closed") return <Button onClick={() => setState({ step: "asking" })}>{words.offer}</Button>;
  const isSending = state.step === "sending";
  const isBlocked = isSending || reason.trim().length < MIN_REASON;
  const go = async () => {
    setState({ step: "sending" });
    const answer = await send(reason.trim()).catch(() => null);
    if (!answer?.ok) return setState({ step: "failed", failure: answer?.failure ?? { kind: "console-unreachable" } });
    setReason("");
    await onDone?.();
  };
  return (
    <div className="mt-1 max-w-prose space-y-2 border-l-2 border-line-strong pl-3">
      <p>{words.what}</p>
      <label htmlFor={id} className="text-sm text-ink-2">
        {words.reason}
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
        <Button onClick={() => setState({ step: "closed" })}>{words.keep}</Button>
        <Button blocked={isBlocked} onClick={() => void go()}>
          {isSending ? words.going : words.go}
        </Button>
      </div>
      {state.step === "failed" ? <FailureNote failure={state.failure} /> : null}
    </div>
  );
}
