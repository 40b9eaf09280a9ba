"use client";

import { useTranslations } from "next-intl";
import { useDeferredValue, useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { useAgentWords } from "@/components/ui/use-agent-words";
import type { Plan } from "@/lib/lifecycle/schema";
import { CopyButton } from "./copy-button";
import { download, targetsAsCsv, targetsAsJson, targetsAsList, targetsInOrder } from "./plan-export";
import { usePlanWords } from "./plan-words";

type Target = Plan["targets"][number];
const SEARCH_FROM = 10;
const SMALL = "min-h-7! px-2.5! py-0.5! text-sm max-sm:min-h-11!";

/** Every target, grouped by zone in address order, searchable, to copy and to download (ux G-2). */
export function PlanTargets({ plan, before }: { plan: Plan; before: ReadonlyMap<string, string> }) {
  const t = useTranslations("plan.targets");
  const zones = useTranslations("plan.zones");
  const rows = useTranslations("plan.row");
  const isOperation = plan.action !== "stop" && plan.action !== "start";
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const groups = useMemo(() => {
    const byZone = new Map<string, Target[]>();
    for (const target of targetsInOrder(plan)) {
      if (wanted && !`${target.address} ${target.zone} ${target.state}`.toLowerCase().includes(wanted)) continue;
      const group = byZone.get(target.zone);
      if (group) group.push(target);
      else byZone.set(target.zone, [target]);
    }
    return byZone;
  }, [plan, wanted]);
  const total = plan.targets.length;
  const shown = [...groups.values()].reduce((sum, group) => sum + group.length, 0);
  const file = `standdown-${plan.cluster.name}-${plan.id.slice(0, 8)}`;
  return (
    <section aria-labelledby="plan-targets">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line-strong pb-1.5">
        <h2 id="plan-targets" className="text-lg">
          {isOperation ? rows("servers") : t("title")}
        </h2>
        <span className="text-ink-2" role="status">
          {t("shown", { shown, total })}
        </span>
        <span className="flex flex-wrap gap-2 sm:ml-auto">
          <CopyButton text={() => targetsAsList(plan)}>{t("copy")}</CopyButton>
          <Button className={SMALL} onClick={() => download(`${file}.csv`, "text/csv", targetsAsCsv(plan))}>
            {t("csv")}
          </Button>
          <Button className={SMALL} onClick={() => download(`${file}.json`, "application/json", targetsAsJson(plan))}>
            {t("json")}
          </Button>
        </span>
      </div>
      {total > SEARCH_FROM ? (
        <label className="mt-2 flex flex-wrap items-center gap-2 text-sm text-ink-2">
          {t("search")}
          <input
            type="search"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            placeholder={t("example")}
            autoComplete="off"
            spellCheck={false}
            className="min-h-8 w-56 rounded-[3px] border border-line-strong bg-panel px-2 font-mono text-ink max-sm:min-h-11 max-sm:w-full"
          />
        </label>
      ) : null}
      {shown === 0 ? (
        <p className="flex flex-wrap items-center gap-3 py-3">
          {t("none", { text })}
          <Button className={SMALL} onClick={() => setText("")}>
            {t("clear")}
          </Button>
        </p>
      ) : null}
      <div className="max-h-[28rem] overflow-y-auto" tabIndex={0} role="region" aria-labelledby="plan-targets">
        {[...groups].map(([zone, group]) => {
          const share = plan.impact.zones.find((one) => one.zone === zone);
          return (
            <section key={zone} aria-label={zone} className="border-b py-2">
              <h3 className="flex items-baseline gap-2">
                {zone}
                <span className="font-normal text-ink-2">
                  {zones("of", {
                    n: isOperation || !share ? group.length : share.stopping,
                    total: share?.total ?? group.length,
                  })}
                </span>
              </h3>
              <ul className="mt-1 grid grid-cols-[repeat(auto-fill,minmax(15rem,1fr))] gap-x-4 gap-y-0.5">
                {group.map((target) => (
                  <TargetItem
                    key={target.address}
                    target={target}
                    was={before.get(target.address)}
                    // Serving is what a stop expects; of everything else it is news.
                    isPlain={plan.action === "stop" && target.state === "SERVING"}
                  />
                ))}
              </ul>
            </section>
          );
        })}
      </div>
    </section>
  );
}

function TargetItem({
  target,
  was,
  isPlain,
}: {
  target: Target;
  was: string | undefined;
  /** Its state goes without saying. */
  isPlain: boolean;
}) {
  const t = useTranslations("plan.targets");
  const words = usePlanWords();
  const agents = useAgentWords();
  const notes = [
    isPlain ? null : words.stateWord(target.state),
    was !== undefined && was !== target.state ? t("was", { state: words.stateWord(was) }) : null,
    target.unheard ? t("agent", { said: agents.said(target.unheard) }) : null,
    target.rootServer ? t("root") : null,
  ].filter((note) => note !== null);
  return (
    <li className="flex flex-wrap items-baseline gap-x-2">
      <span className="font-mono">{target.address}</span>
      {notes.length > 0 ? <span className="text-sm text-ink-2">{notes.join(" · ")}</span> : null}
    </li>
  );
}
