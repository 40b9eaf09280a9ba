"use client";

import { useTranslations } from "next-intl";
import { FailureNote } from "@/components/ui/failure-note";
import { Glyph } from "@/components/ui/state-mark";
import { WholeList } from "@/components/ui/whole-list";
import type { Failure } from "@/lib/errors";
import type { Blocker, Plan } from "@/lib/lifecycle/schema";
import { BlockerItem } from "./blocker-item";
import { usePlanWords } from "./plan-words";

/**
 * Everything that is going or left over, and who could not be asked (protocol §7.5): what, who, where, since when, in
 * which state. Releasing one is a choice that nobody makes by accident: never ticked by itself, and a new plan each time.
 */
export function PlanBlockers({
  clusterId,
  plan,
  onChoose,
  choosing,
  failure,
}: {
  clusterId: string;
  plan: Plan;
  onChoose: (releases: string[]) => void;
  /** The choice whose plan is on its way. */
  choosing: readonly string[] | null;
  failure: Failure | null;
}) {
  const t = useTranslations("plan.blockers");
  const words = usePlanWords();
  const chosen = choosing ?? plan.blockers.filter((blocker) => blocker.chosen).map((blocker) => blocker.id);
  const tick = ({ id }: Blocker, isTicked: boolean) =>
    onChoose(isTicked ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <section aria-labelledby="plan-blockers">
      <div className="flex flex-wrap items-baseline gap-x-3 border-b border-line-strong pb-1">
        <h2 id="plan-blockers" className="text-lg">
          {t("title")}
        </h2>
        <span className="text-ink-2">
          {plan.blockers.length > 0 ? t("count", { n: plan.blockers.length }) : t("none")}
        </span>
        <span role="status" className="text-sm text-ink-2 sm:ml-auto">
          {choosing ? t("choosing") : ""}
        </span>
      </div>
      {failure ? (
        <div className="mt-2">
          <FailureNote failure={failure} />
        </div>
      ) : null}
      <ul>
        {plan.blockers.map((blocker) => (
          <BlockerItem
            key={blocker.id}
            clusterId={clusterId}
            plan={plan}
            blocker={blocker}
            isTicked={chosen.includes(blocker.id)}
            isLocked={choosing !== null}
            onTick={(isTicked) => tick(blocker, isTicked)}
          />
        ))}
        {plan.notAsked.length > 0 ? (
          <li className="grid grid-cols-[1.5rem_minmax(0,1fr)] gap-x-2.5 border-b py-2">
            <Glyph mark="unknown" className="mt-0.5" />
            <div className="min-w-0">
              <p className="font-semibold">{t("notAsked", { n: plan.notAsked.length })}</p>
              <p className="text-sm break-words text-ink-2">
                {t("notAskedWhat", { list: words.shortList(words.agentsNamed(plan, plan.notAsked)) })}
              </p>
              <WholeList items={words.agentsNamed(plan, plan.notAsked)} />
            </div>
          </li>
        ) : null}
      </ul>
    </section>
  );
}
