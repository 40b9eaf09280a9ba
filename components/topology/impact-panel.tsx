"use client";

import { useTranslations } from "next-intl";
import { WholeList } from "@/components/ui/whole-list";
import type { Block } from "@/lib/lifecycle/schema";
import { ImpactFacts, type FactsProps } from "./impact-facts";
import { MethodChoice } from "./method-choice";
import { ReviewArea, type ReviewProps } from "./review-area";
import { NAMES, useNames } from "./use-verdict";

export interface PanelProps extends FactsProps, Omit<ReviewProps, "changed"> {
  /** Rules that would stand against the gentlest method, whichever is chosen. */
  ruled: Block[];
}

/** The whole answer to "what would this do", then how, then the way on (ux K-14). */
export function ImpactPanel(props: PanelProps) {
  return (
    <>
      <ImpactFacts {...props} />
      <MethodChoice clusterId={props.clusterId} impact={props.impact} ruled={props.ruled} />
      <ScopeNote {...props} />
      <div className="border-t pt-3">
        <ReviewArea {...props} changed={props.changed.size} />
      </div>
    </>
  );
}

/** The scope as it will be sent; a zone that is stopped as a zone is also started as one. */
function ScopeNote({ impact: { scope } }: PanelProps) {
  const t = useTranslations("topology.impact");
  const names = useNames();
  if (!scope) return null;
  return (
    <div className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 border-t py-2 text-sm">
      <span className="text-ink-2">{t("scope")}</span>
      <div className="min-w-0">
        {scope.type === "GLOBAL" ? t("scopeGlobal") : null}
        {scope.type === "ZONE"
          ? t(scope.target.length === 1 ? "scopeZone" : "scopeZones", { zones: names(scope.target) })
          : null}
        {scope.type === "SERVER" ? t("scopeServer", { servers: names(scope.target) }) : null}
        <WholeList items={scope.type === "GLOBAL" ? [] : scope.target} named={NAMES} />
      </div>
    </div>
  );
}
