"use client";

import { useFormatter, useTranslations } from "next-intl";
import type { Mark } from "@/components/ui/state-mark";
import type { Majority } from "@/lib/lifecycle/schema";

export const VERDICT_MARK: Record<Majority["verdict"], Mark> = {
  kept: "serving",
  "no-spare": "warning",
  lost: "failed",
  unknown: "unknown",
};
const NAMED = 3;
/** As many as a sentence names at the most. */
export const NAMES = NAMED + 1;

/** Up to four names; of more than that the first three, and how many more there are. */
export function useNames(): (names: readonly string[]) => string {
  const t = useTranslations("topology.impact");
  const format = useFormatter();
  return (names) =>
    names.length > NAMES
      ? format.list([...names.slice(0, NAMED), t("more", { n: names.length - NAMED })])
      : format.list(names);
}

/** The majority verdict as a sentence that stands alone (ux K-15). */
export function useVerdict(): (majority: Majority) => string {
  const t = useTranslations("topology.impact");
  const names = useNames();
  return ({ verdict, tenants, why }) => {
    if (verdict === "kept") return t("kept");
    if (verdict === "no-spare") return t("nospare");
    if (verdict === "lost") return t("lost", { tenants: names(tenants) });
    return t("unknown", { why: t(`whyNotKnown.${why ?? "no-tenants-reported"}`) });
  };
}
