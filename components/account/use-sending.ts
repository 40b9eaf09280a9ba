"use client";

import { useState } from "react";
import type { Failure, Result } from "@/lib/errors";
import { asOwnProof } from "./as-own-proof";

/** One thing sent at a time: whether it is under way, and why it was refused. */
export function useSending() {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  /** The value when it was done, else null; the reason is in `failure` then. */
  const send = async <T>(call: () => Promise<Result<T>>): Promise<{ value: T } | null> => {
    if (isBusy) return null;
    setBusy(true);
    setFailure(null);
    const result: Result<T> = await call().catch(() => ({ ok: false, failure: { kind: "console-unreachable" } }));
    setBusy(false);
    if (result.ok) return { value: result.value };
    setFailure(asOwnProof(result.failure));
    return null;
  };
  return { isBusy, failure, send, forget: () => setFailure(null) };
}
