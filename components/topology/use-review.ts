"use client";

import { useTranslations } from "next-intl";
import { useAbilities } from "@/components/layout/abilities";
import { useNow } from "@/components/layout/freshness";
import { formatDuration } from "@/components/ui/duration";
import type { Block, Impact } from "@/lib/lifecycle/schema";
import { useNames } from "./use-verdict";

/** Older facts are not acted on (ux L-6). */
const TOO_OLD_MS = 15_000;

/** A rule that stands in the way, in words. */
export function useBlockText(): (block: Block) => string {
  const t = useTranslations("topology.block");
  const names = useNames();
  return ({ reason, zones, servers }) => t(reason, { zones: names(zones), n: servers.length, servers: names(servers) });
}

export interface ReviewState {
  /** Empty: the plan can be reviewed. */
  reasons: string[];
  /** Newer data would take a reason away. */
  needsRefresh: boolean;
}

/** Why the plan cannot be reviewed now; looks at the clock once a second, so use it in a small leaf. */
export function useReview(
  impact: Impact,
  changed: number,
  asOfMs: number | null,
  offlineSinceMs: number | null,
): ReviewState {
  const t = useTranslations("topology.block");
  const text = useBlockText();
  const now = useNow();
  const { mayStop, clusterName } = useAbilities();
  const ageMs = asOfMs === null || now === 0 ? 0 : now - asOfMs;
  const tooOld = ageMs > TOO_OLD_MS;
  const nothing = impact.blocks.find((block) => block.reason === "nothing-selected");
  const reasons = (nothing ? [nothing] : impact.blocks).map(text);
  if (changed > 0) reasons.push(t("changed", { n: changed }));
  if (tooOld) reasons.push(offlineSinceMs === null ? t("stale", { age: formatDuration(ageMs) }) : t("offline"));
  if (!mayStop) return { reasons: [t("notAllowed", { cluster: clusterName })], needsRefresh: false };
  return { reasons, needsRefresh: tooOld };
}
