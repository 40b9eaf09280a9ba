"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { useAgentWords } from "@/components/ui/use-agent-words";
import { WholeList } from "@/components/ui/whole-list";
import type { Plan } from "@/lib/lifecycle/schema";
import { Fact, ZoneFacts } from "./plan-facts";
import { targetsInOrder } from "./plan-export";
import { usePlanWords } from "./plan-words";
import { RequestText } from "./plan-request";
import { WhatFacts } from "./plan-what";

const FIRST = 6;

/** Everything that must be seen before the decision, without scrolling on a small screen (ux C-1). */
export function ConfirmSummary({ plan, ageMs }: { plan: Plan; ageMs: number }) {
  const t = useTranslations("plan");
  const words = usePlanWords();
  const touched = plan.impact.zones.filter((zone) => zone.stopping > 0);
  const warnings = plan.checks.filter(
    (check) => check.level === "warn" && check.id !== "majority" && check.id !== "nobody-else",
  );
  return (
    <>
      <dl>
        <WhatFacts
          plan={plan}
          ageMs={ageMs}
          shares={
            <>
              <ZoneFacts
                zones={touched.map((zone) => t("zoneShare", { zone: zone.zone, n: zone.stopping, total: zone.total }))}
              />
              <Addresses plan={plan} />
            </>
          }
        />
        {warnings.length > 0 ? (
          <Fact name={t("row.warnings")}>
            {warnings.map((check) => (
              <div key={check.id}>
                {words.checkSentence(plan, check)}
                <WholeList items={words.agentsNamed(plan, check.items)} />
              </div>
            ))}
          </Fact>
        ) : null}
      </dl>
      <details className="border-t pt-1.5">
        <summary className="text-sm text-ink-2 max-sm:min-h-11 max-sm:py-2">{t("request.title")}</summary>
        <RequestText plan={plan} />
        <p className="mt-1 text-sm text-ink-2">{words.sentTo(plan)}</p>
      </details>
    </>
  );
}

function Addresses({ plan }: { plan: Plan }) {
  const t = useTranslations("plan.confirm");
  const targetWords = useTranslations("plan.targets");
  const agents = useAgentWords();
  const [all, setAll] = useState(false);
  // News before the rest, so that it stands among the few.
  const targets = targetsInOrder(plan).toSorted(
    (left, right) => Number(left.unheard === null) - Number(right.unheard === null),
  );
  const shown = all ? targets : targets.slice(0, FIRST);
  return (
    <div
      className={`mt-0.5 flex flex-wrap gap-x-4 ${all ? "max-h-28 overflow-y-auto" : ""}`}
      tabIndex={all ? 0 : undefined}
    >
      {shown.map(({ address, unheard }) => (
        <span key={address} className="text-sm">
          <span translate="no" className="font-mono whitespace-nowrap">
            {address}
          </span>
          {unheard ? <span className="text-ink-2"> {targetWords("agent", { said: agents.said(unheard) })}</span> : null}
        </span>
      ))}
      {targets.length > FIRST ? (
        <button
          type="button"
          aria-expanded={all}
          onClick={() => setAll(!all)}
          className="min-h-6 rounded-[3px] text-sm text-ink-2 underline underline-offset-2 hover:text-ink max-sm:min-h-11"
        >
          {all ? t("showFewer") : t("showAll", { n: targets.length })}
        </button>
      ) : null}
    </div>
  );
}
