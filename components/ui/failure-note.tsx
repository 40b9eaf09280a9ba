"use client";

import { useEffect } from "react";
import type { Failure } from "@/lib/errors";
import { tellSignedOut } from "@/lib/signed-out";
import { Banner } from "./banner";
import { useFailureWords } from "./use-failure-words";

/** Our sentence first, then what to do next, then the agent's own words, unmodified and copyable (ux D-17). */
export function FailureNote({
  failure,
  live = true,
  children,
}: {
  failure: Failure;
  live?: boolean;
  children?: React.ReactNode;
}) {
  const words = useFailureWords();
  // Whatever was asked, the way on is to sign in again; the refusals of actions are seen here first.
  const isSignedOut = failure.kind === "signed-out";
  useEffect(() => {
    if (isSignedOut) tellSignedOut();
  }, [isSignedOut]);
  const engine = [failure.agentCode, failure.agentMessage].filter(Boolean).join(": ");
  return (
    <Banner tone="fail" live={live}>
      <p className="max-h-40 overflow-y-auto font-semibold break-words">{words(failure, "what")}</p>
      <p className="max-h-40 overflow-y-auto break-words">{words(failure, "next")}</p>
      {engine || failure.traceId || failure.reference ? (
        <p className="font-mono text-xs text-ink-2 select-all" lang="en">
          {engine} {failure.traceId ? `trace ${failure.traceId}` : ""}{" "}
          {failure.reference ? `ref ${failure.reference}` : ""}
        </p>
      ) : null}
      {children}
    </Banner>
  );
}
