"use client";

import { useTranslations } from "next-intl";
import { useEffect } from "react";
import type { Failure } from "@/lib/errors";
import { tellSignedOut } from "@/lib/signed-out";
import { Banner } from "./banner";

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
  const t = useTranslations("errors");
  // Whatever was asked, the way on is to sign in again; the refusals of actions are seen here first.
  const isSignedOut = failure.kind === "signed-out";
  useEffect(() => {
    if (isSignedOut) tellSignedOut();
  }, [isSignedOut]);
  const params = { address: "—", name: "—", what: "—", wait: "—", min: 12, max: 128, ...failure.params };
  const engine = [failure.agentCode, failure.agentMessage].filter(Boolean).join(": ");
  return (
    <Banner tone="fail" live={live}>
      <p className="font-semibold">{t(`${failure.kind}.what`, params)}</p>
      <p>{t(`${failure.kind}.next`, params)}</p>
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
