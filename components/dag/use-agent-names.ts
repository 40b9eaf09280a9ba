"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useCallback } from "react";

/** As many as a sentence names at the most. */
export const NAMED = 3;

/** A list of addresses as part of a sentence: the first few by name, the rest in a number. */
export function useAgentNames(): (agents: readonly string[]) => string {
  const t = useTranslations("run.situation");
  const format = useFormatter();
  return useCallback(
    (agents) =>
      agents.length <= NAMED
        ? format.list(agents)
        : t("agentsMore", {
            names: format.list(agents.slice(0, NAMED), { type: "unit" }),
            n: agents.length - NAMED,
          }),
    [t, format],
  );
}
