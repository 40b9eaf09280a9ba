"use client";

import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { useId } from "react";
import { DAY_AND_MINUTE } from "@/components/ui/date-formats";
import { Glyph } from "@/components/ui/state-mark";
import type { Blocker, Plan } from "@/lib/lifecycle/schema";
import { shortRun } from "./plan-words";

const WORK_WORD = { going: "going", over: "ended", unknown: "mayGo" } as const;
const WORK_MARK = { going: "running", over: "warning", unknown: "unknown" } as const;

/** One run that is in the way: its facts, and the box to release it or why there is none. */
export function BlockerItem({
  clusterId,
  plan,
  blocker,
  isTicked,
  isLocked,
  onTick,
}: {
  clusterId: string;
  plan: Plan;
  blocker: Blocker;
  isTicked: boolean;
  isLocked: boolean;
  onTick: (isTicked: boolean) => void;
}) {
  const t = useTranslations("plan.blockers");
  const format = useFormatter();
  const hint = useId();
  const { id, name, work, releasable, stage, agents, since, by, coordinator } = blocker;
  const steps = { stage, max: blocker.maxStage };
  const at = since === null ? null : format.dateTime(new Date(since), DAY_AND_MINUTE);
  const facts = [
    t(WORK_WORD[work], steps),
    at === null ? t("sinceUnknown") : t("since", { time: at }),
    by === null ? t("byOther") : t("by", { name: by }),
    coordinator === null ? null : t("coordinator", { address: coordinator }),
  ].filter((fact) => fact !== null);
  return (
    <li data-blocker={id} className="grid grid-cols-[1.5rem_minmax(0,1fr)] gap-x-2.5 border-b py-2">
      <Glyph mark={WORK_MARK[work]} className="mt-0.5" />
      <div className="min-w-0 space-y-0.5">
        <p className="flex flex-wrap items-baseline gap-x-3">
          {releasable ? (
            <Link
              href={`/clusters/${clusterId}/runs/${id}`}
              prefetch={false}
              title={id}
              className="font-semibold underline underline-offset-2 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center"
            >
              {t("run", { run: shortRun(id) })}
            </Link>
          ) : (
            <strong className="font-semibold">{t("foreign", { name })}</strong>
          )}
          {releasable ? <span lang="en">{name}</span> : null}
        </p>
        <p className="text-sm text-ink-2">{facts.join(" · ")}</p>
        <details open={agents.length > 0 && agents.length <= 4}>
          <summary className="text-sm text-ink-2 max-sm:min-h-11 max-sm:py-2">
            {t("holds", { n: agents.length })}
          </summary>
          <p className="max-h-40 overflow-y-auto font-mono text-sm">{agents.join("  ")}</p>
        </details>
        {work === "going" || !releasable ? (
          <p className="text-sm">{t(releasable ? "whyGoing" : "whyForeign")}</p>
        ) : (
          <>
            <label className="flex min-h-6 items-start gap-2 max-sm:min-h-11 max-sm:items-center">
              <input
                type="checkbox"
                checked={isTicked}
                disabled={plan.state === "sent"}
                aria-disabled={isLocked || undefined}
                aria-describedby={hint}
                onChange={(event) => {
                  if (!isLocked) onTick(event.currentTarget.checked);
                }}
                className="mt-1 size-4 shrink-0 accent-(--ink)"
              />
              <span>{t("tick", { kind: plan.action, run: shortRun(id) })}</span>
            </label>
            <p id={hint} className="text-sm text-ink-2">
              {t(work === "unknown" ? "tickHintUnknown" : "tickHint")}
            </p>
          </>
        )}
      </div>
    </li>
  );
}
