"use client";

import { useTranslations } from "next-intl";
import { formatDuration } from "@/components/ui/duration";
import { useNow } from "@/components/layout/freshness";
import type { Plan } from "@/lib/lifecycle/schema";
import { Fact } from "./plan-facts";
import { shownAsOfMs } from "./obstacle";
import { WhatFacts } from "./plan-what";
import { usePlanWords } from "./plan-words";
import type { LivePlan } from "./use-live-plan";

/** What would happen, as on a work order: numbers, verdict, method and its price, and what will be asked (ux §6, C-6). */
export function PlanTicket({ live }: { live: LivePlan }) {
  const t = useTranslations("plan");
  const words = usePlanWords();
  const now = useNow();
  const { plan } = live;
  const since = (ms: number) => formatDuration(now === 0 ? 0 : now - ms);
  const leftMs = live.expiresAtMs - now;
  return (
    <dl className="border-y border-line-strong">
      <WhatFacts
        plan={plan}
        ageMs={now === 0 ? plan.ageMs : now - shownAsOfMs(live)}
        shares={<ZoneShares plan={plan} />}
      />
      <Fact name={t("row.asks")}>
        {t(`tier.${plan.tier}`)}
        {plan.needsApproval ? <span className="block">{t("asksSecond")}</span> : null}
        {plan.tierReasons.length > 0 ? (
          <span className="block text-sm text-ink-2">
            {t("because", { reasons: words.list(plan.tierReasons.map((reason) => words.say(`tierReason.${reason}`))) })}
          </span>
        ) : null}
      </Fact>
      <Fact name={t("row.made")}>
        {t("age.made", { age: since(live.madeAtMs) })}
        <span className="text-ink-2">
          {" · "}
          {now !== 0 && leftMs <= 0
            ? t("age.expired")
            : t("age.left", { left: formatDuration(now === 0 ? plan.expiresInMs : leftMs) })}
        </span>
      </Fact>
    </dl>
  );
}

/** Per zone: n of m as number first, bar second. Already stopped servers lie under a hatch. */
function ZoneShares({ plan }: { plan: Plan }) {
  const t = useTranslations("plan.zones");
  return (
    <ul className="mt-1 grid grid-cols-[auto_auto_minmax(3rem,1fr)] items-center gap-x-2.5 text-sm">
      {plan.impact.zones.map((zone) => {
        const isStart = plan.action === "start";
        // What is started was down before; what stays down is the rest.
        const down = isStart ? Math.max(0, zone.down - zone.stopping) : zone.down;
        const share = (count: number) => `${(100 * count) / Math.max(1, zone.total)}%`;
        return (
          <li
            key={zone.zone}
            className={`col-span-3 grid grid-cols-subgrid items-center ${zone.stopping ? "" : "text-ink-2"}`}
          >
            <span>{zone.zone}</span>
            <span className="text-right whitespace-nowrap">
              {t("of", { n: zone.stopping, total: zone.total })}
              {down > 0 ? (
                <span className="text-ink-2">
                  {" · "}
                  {t(isStart ? "staysDown" : "down")} {down}
                </span>
              ) : null}
            </span>
            <span
              className="flex h-1.5 overflow-hidden rounded-[1px] outline outline-1 outline-line-strong"
              aria-hidden="true"
            >
              <span className="bg-ink" style={{ width: share(zone.stopping) }} />
              <span className="hatch" style={{ width: share(Math.min(down, zone.total - zone.stopping)) }} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
