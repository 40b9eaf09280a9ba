"use client";

import { useTranslations } from "next-intl";
import { formatDuration } from "@/components/ui/duration";
import { blockCount, type Obstacle } from "./obstacle";
import { usePlanWords } from "./plan-words";
import { TOO_OLD_MS, type LivePlan } from "./use-live-plan";

/** Why the plan cannot be sent now, as a sentence. It does not tick: it is spoken when it appears. */
export function useObstacleText(obstacle: Obstacle | null, live: LivePlan): string | null {
  const t = useTranslations("plan.blocked");
  const words = usePlanWords();
  switch (obstacle) {
    case null:
      return null;
    case "checks":
      return t("checks", { n: blockCount(live.plan) });
    case "stale":
      return t("stale", { age: `> ${formatDuration(TOO_OLD_MS)}` });
    case "offline":
      return t("offline", { time: words.clock(live.offlineSinceMs ?? live.asOfMs) });
    default:
      return t(obstacle);
  }
}
