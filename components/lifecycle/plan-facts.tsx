"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatDuration } from "@/components/ui/duration";
import { Glyph, type Mark } from "@/components/ui/state-mark";
import { WholeList } from "@/components/ui/whole-list";
import type { Majority, Plan } from "@/lib/lifecycle/schema";
import { LastTold } from "./last-told";
import { OutOfReach } from "./out-of-reach";
import { usePlanWords } from "./plan-words";
import { SetAsideNote } from "./set-aside-note";

export const VERDICT_MARK: Record<Majority["verdict"], Mark> = {
  kept: "done",
  "no-spare": "warning",
  lost: "failed",
  unknown: "unknown",
};

/** More zones than anybody reads in a sentence are counted. */
const ZONES_SHOWN = 12;

/** What is true of each zone: of the first ones at once, of all of them behind. */
export function ZoneFacts({ zones, className }: { zones: readonly string[]; className?: string }) {
  return (
    <>
      {zones.slice(0, ZONES_SHOWN).map((zone) => (
        <span key={zone} className={className}>
          {" · "}
          <span className="sm:whitespace-nowrap">{zone}</span>
        </span>
      ))}
      {zones.length > ZONES_SHOWN ? <span className={className}> … ({zones.length})</span> : null}
      <WholeList items={zones} named={ZONES_SHOWN} />
    </>
  );
}

/** One line of the work order: its name, then what is true. Used on the page and, word for word, in the dialog. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 border-t py-1.5 first:border-t-0">
      <dt className="text-sm text-ink-2">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

export function StaysFact({ plan }: { plan: Plan }) {
  const t = useTranslations("plan");
  const { staying, total, zones, outOfReach } = plan.impact;
  return (
    <Fact name={t("row.stays")}>
      {staying === 0 ? (
        <strong className="font-semibold">{t(outOfReach.length === 0 ? "staysNone" : "staysNoneKnown")}</strong>
      ) : (
        <>
          <strong className="font-semibold">{t("stays", { n: staying, total })}</strong>
          <ZoneFacts
            className="text-ink-2"
            zones={zones.map((zone) =>
              t("zoneStays", { zone: zone.zone, n: Math.max(0, zone.total - zone.stopping - zone.down) }),
            )}
          />
        </>
      )}
      <OutOfReach impact={plan.impact} />
    </Fact>
  );
}

/** Verdict, source and age together, and who would still refuse (ux K-15, E5). */
export function MajorityFact({ plan, ageMs }: { plan: Plan; ageMs: number }) {
  const t = useTranslations("plan");
  const words = usePlanWords();
  const { verdict, source, tenants, guard } = plan.impact.majority;
  return (
    <Fact name={t(plan.action === "start" ? "row.then" : "row.majority")}>
      <span className="inline-flex items-baseline gap-1.5">
        <Glyph mark={VERDICT_MARK[verdict]} className="translate-y-0.5" />
        <span>
          <strong className="font-semibold">{words.majority(plan.impact.majority)}</strong>
          {verdict === "no-spare" && tenants.length > 0 ? (
            <span className="text-ink-2"> · {words.shortList(tenants)}</span>
          ) : null}
        </span>
      </span>
      <WholeList items={tenants} />
      <span className="block text-sm text-ink-2">
        {t(`source.${source}`, { age: formatDuration(ageMs) })}
        {guard === "cluster" || plan.action !== "stop" ? null : (
          <span className="text-ink">
            {" · "}
            {t(guard === "nobody" ? "majority.notRefused" : "majority.databaseMay")}
          </span>
        )}
      </span>
      <LastTold majority={plan.impact.majority} toldAt={plan.toldAt} />
      <SetAsideNote majority={plan.impact.majority} />
    </Fact>
  );
}

export function MethodFact({ plan }: { plan: Plan }) {
  const t = useTranslations("plan");
  const common = useTranslations("common");
  const words = usePlanWords();
  if (plan.method === null) return null;
  return (
    <>
      <Fact name={t("row.method")}>
        <strong className={`font-semibold ${plan.method === "force" ? "text-fail" : ""}`}>
          {common(`method.${plan.method}`)}
        </strong>
        <span className="block text-sm text-ink-2">
          {words.methodCost(plan)}
          {plan.method === "force" ? ` ${t("method.forceTime")}` : ""}
        </span>
      </Fact>
      <Fact name={t("row.undo")}>{t(plan.method === "stop" ? "undo.stop" : "undo.other")}</Fact>
    </>
  );
}

/** Side effects beyond the targets: runs that are closed, the Root Service that moves. */
export function AlsoFact({ plan }: { plan: Plan }) {
  const t = useTranslations("plan");
  const moves = plan.impact.rootServerStops && plan.impact.scope?.type !== "GLOBAL";
  const closed = plan.blockers.filter((blocker) => blocker.chosen);
  if (closed.length === 0 && !moves) return null;
  return (
    <Fact name={t("row.also")}>
      {closed.map((run) => (
        <span key={run.id} className="block">
          {t("closes", { run: run.id, agents: run.agents.length })}
        </span>
      ))}
      {moves ? <span className="block">{t("rootService")}</span> : null}
    </Fact>
  );
}
