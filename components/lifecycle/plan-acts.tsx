"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { useNow } from "@/components/layout/freshness";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import type { Failure } from "@/lib/errors";
import { needsNewPlan, obstacleOf } from "./obstacle";
import { namesOf, usePlanWords } from "./plan-words";
import type { PlanActions } from "./plan-actions";
import type { LivePlan } from "./use-live-plan";
import { useObstacleText } from "./use-obstacle-text";

type Checked = { state: "idle" | "checking" } | { state: "done"; atMs: number } | { state: "failed"; failure: Failure };

/**
 * The way on. It stands at the left, and on a phone at the end of the content: never where "Review" was, nor where the
 * destructive button of the dialog will be (ux C-4, M-3). When it cannot be used the reason stands next to it (L-6).
 */
export function PlanActs({
  clusterId,
  live,
  checkOnly,
  onOpen,
  onReviewAgain,
}: {
  clusterId: string;
  live: LivePlan;
  checkOnly: PlanActions["checkOnly"];
  onOpen: () => void;
  onReviewAgain: () => void;
}) {
  const t = useTranslations("plan.act");
  const words = usePlanWords();
  const why = useId();
  const now = useNow();
  const [checked, setChecked] = useState<Checked>({ state: "idle" });
  const { plan } = live;
  const obstacle = obstacleOf(live, now || live.asOfMs);
  const obstacleText = useObstacleText(obstacle, live);
  const again = needsNewPlan(obstacle);

  const check = async () => {
    setChecked({ state: "checking" });
    try {
      const answer = await checkOnly({ clusterId, planId: plan.id });
      if (!answer.ok) return setChecked({ state: "failed", failure: answer.failure });
      live.take(answer.value);
      setChecked({ state: "done", atMs: Date.now() });
    } catch {
      setChecked({ state: "failed", failure: { kind: "console-unreachable" } });
    }
  };

  return (
    <div className="space-y-2.5 self-start lg:sticky lg:top-4">
      <div className="flex flex-wrap items-center gap-2 max-sm:flex-col max-sm:items-stretch">
        {again ? (
          <Button look="primary" onClick={onReviewAgain}>
            {t("again")}
          </Button>
        ) : null}
        <Button
          look={again ? "plain" : plan.method === "force" ? "danger" : "primary"}
          blocked={obstacle !== null}
          aria-describedby={obstacleText ? why : undefined}
          aria-haspopup="dialog"
          onClick={onOpen}
        >
          {t("open", namesOf(plan))}
        </Button>
        <Button blocked={checked.state === "checking" || live.gone !== null} onClick={() => void check()}>
          {t(checked.state === "checking" ? "checking" : "checkOnly")}
        </Button>
      </div>
      <p id={why} role="status" className="max-w-prose">
        {obstacleText ?? ""}
        {obstacle === "stale" || obstacle === "offline" ? (
          <button
            type="button"
            onClick={live.refetch}
            className="ml-2 min-h-6 rounded-[3px] underline underline-offset-2 max-sm:min-h-11"
          >
            {t("refresh")}
          </button>
        ) : null}
        {obstacle === "sent" && plan.run && plan.parts.length > 0 ? (
          <Link
            href={`/clusters/${clusterId}/runs/${plan.run.id}/${plan.action}?plan=${plan.id}`}
            prefetch={false}
            className="ml-2 inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
          >
            {t("sentWhat")}
          </Link>
        ) : null}
      </p>
      {checked.state === "done" ? (
        <p role="status" className="text-sm text-ink-2">
          {t("checked", { time: words.clock(checked.atMs) })}
        </p>
      ) : null}
      {checked.state === "failed" ? <FailureNote failure={checked.failure} /> : null}
    </div>
  );
}
