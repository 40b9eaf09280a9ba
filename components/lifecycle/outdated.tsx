"use client";

import { useTranslations } from "next-intl";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { ChangeList } from "./change-list";
import type { Obstacle } from "./obstacle";
import type { LivePlan } from "./use-live-plan";
import { useObstacleText } from "./use-obstacle-text";

/** On top of the dialog when its plan is over: what changed, and reviewing again as the only way on (ux C-8). */
export function Outdated({
  obstacle,
  live,
  onReviewAgain,
}: {
  obstacle: Obstacle | null;
  live: LivePlan;
  onReviewAgain: () => void;
}) {
  const t = useTranslations("plan.confirm");
  const text = useObstacleText(obstacle, live);
  const again = <Button onClick={onReviewAgain}>{t("again")}</Button>;
  if (obstacle === "changed")
    return (
      <ChangeList title={t("changed")} changes={live.plan.changes} live>
        {again}
      </ChangeList>
    );
  return (
    <Banner tone="decide" live>
      <p className="font-semibold">{text}</p>
      {again}
    </Banner>
  );
}
