"use client";

import { useState } from "react";
import type { Failure, Result } from "@/lib/errors";
import { asOwnProof } from "./as-own-proof";

/** One thing sent at a time: whether it is under way, and why it was refused. */
export function useSending() {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  /** The value when it was done, else null; the reason is in `failure` then. */
  const send = async <T>(
    call: () => Promise<Result<T>>,
    /** It was judged; without an answer what was typed may still be right. */
    onRefused?: () => void,
  ): Promise<{ value: T } | null> => {
    if (isBusy) return null;
    setBusy(true);
    setFailure(null);
    const result: Result<T> = await call().catch(() => ({ ok: false, failure: { kind: "console-unreachable" } }));
    setBusy(false);
    if (result.ok) return { value: result.value };
    setFailure(asOwnProof(result.failure));
    if (result.failure.kind !== "console-unreachable") onRefused?.();
    return null;
  };
  return { isBusy, failure, send, forget: () => setFailure(null) };
}
