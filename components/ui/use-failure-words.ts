"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import type { Failure } from "@/lib/errors";

/** Stands where a failure did not bring what its sentence names. */
const NONE = { address: "—", name: "—", what: "—", wait: "—", tls: "other", min: 12, max: 128 };

/** What happened, and what to do next, in the words that the whole console has for it. */
export function useFailureWords(): (failure: Failure, part: "what" | "next") => string {
  const t = useTranslations("errors");
  return useCallback((failure, part) => t(`${failure.kind}.${part}`, { ...NONE, ...failure.params }), [t]);
}
