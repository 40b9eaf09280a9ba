"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { isAppError, type Failure, type Result } from "@/lib/errors";
import { getJson } from "@/lib/get-json";
import type { Confirmation, PartResult, Send } from "@/lib/lifecycle/schema";
import type { PlanActions } from "./plan-actions";

const ASK_EVERY_MS = 1_000;
/** A request can still be on its way to the console; "none" counts only twice in a row. */
const SURE_NONES = 2;

export type Sending =
  | { phase: "idle" }
  | { phase: "sending" }
  | { phase: "refused"; failure: Failure }
  /** It may have been accepted; the console is looking (ux C-11). */
  | { phase: "checking"; since: string | null; coordinator: string | null; silent: string[] }
  | { phase: "none"; why: Extract<Send, { state: "none" }>["why"] }
  /** Nobody can tell any more: the plan is too old, or a person has closed the entry. */
  | { phase: "lost" }
  | { phase: "accepted"; runId: string }
  /** An operation at work or over, request by request. */
  | { phase: "operating"; isOver: boolean; runId: string; parts: PartResult[] };

const NOT_KNOWN: Sending = { phase: "checking", since: null, coordinator: null, silent: [] };

/** Confirms a plan once and follows what became of it. Sends nothing by itself a second time. */
export function useSend(clusterId: string, planId: string, confirmPlan: PlanActions["confirmPlan"]) {
  const [sending, setSending] = useState<Sending>({ phase: "idle" });
  const locked = useRef(false);

  const send = useCallback(
    async (confirmation: Confirmation) => {
      if (locked.current) return; // two activations in one frame are one
      locked.current = true;
      setSending({ phase: "sending" });
      let next: Sending;
      try {
        next = afterAnswer(await confirmPlan(confirmation));
      } catch {
        next = NOT_KNOWN; // the browser lost the console: it may have been sent all the same
      }
      locked.current = next.phase !== "refused";
      setSending(next);
    },
    [confirmPlan],
  );

  const isChecking = sending.phase === "checking";
  useEffect(() => {
    if (!isChecking) return;
    const leaving = new AbortController();
    let nones = 0;
    const ask = async () => {
      while (!leaving.signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
        try {
          const answer = await getJson<Send>(`/api/clusters/${clusterId}/plans/${planId}/send`, leaving.signal);
          nones = answer.state === "none" ? nones + 1 : 0;
          if (answer.state === "none" && nones < SURE_NONES) continue;
          const next = afterSend(answer);
          setSending(next);
          if (next.phase !== "checking") return;
        } catch (error) {
          if (leaving.signal.aborted) return;
          if (isAppError(error) && error.kind === "plan-unknown") return setSending({ phase: "lost" });
          // The console does not answer: the question stays open and is asked again.
        }
      }
    };
    void ask();
    return () => leaving.abort();
  }, [isChecking, clusterId, planId]);

  /** What was refused is mended; the press is still the person's. */
  const again = useCallback(() => {
    locked.current = false;
    setSending({ phase: "idle" });
  }, []);

  return { sending, send, again };
}

function afterAnswer(answer: Result<Send>): Sending {
  if (answer.ok) return afterSend(answer.value);
  // Somebody, perhaps this very browser, sent the plan before: what became of it is what counts.
  return answer.failure.kind === "plan-used" ? NOT_KNOWN : { phase: "refused", failure: answer.failure };
}

function afterSend(send: Send): Sending {
  switch (send.state) {
    case "accepted":
      return { phase: "accepted", runId: send.runId };
    case "none":
      return { phase: "none", why: send.why };
    case "cancelled-only":
      return { phase: "refused", failure: { kind: "cancelled-only" } };
    case "closed":
      return { phase: "lost" };
    case "sending":
      return NOT_KNOWN;
    case "operating":
      return { phase: "operating", isOver: send.isOver, runId: send.runId, parts: send.parts };
    case "unknown":
      return { phase: "checking", since: send.since, coordinator: send.coordinator, silent: send.silent };
  }
}
