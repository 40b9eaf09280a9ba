"use client";

import { useTranslations } from "next-intl";
import { Glyph } from "@/components/ui/state-mark";
import { WholeList } from "@/components/ui/whole-list";
import type { Block, Impact } from "@/lib/lifecycle/schema";
import { Fact, VERDICT_MARK } from "./plan-facts";
import { OutOfReach } from "./out-of-reach";
import { usePlanWords } from "./plan-words";
import { SetAsideNote } from "./set-aside-note";

const itemsOf = ({ servers, zones }: Block) => (servers.length > 0 ? servers : zones);

/** What a start would bring back, while it is chosen: numbers, scope, majority afterwards, what stands in the way. */
export function StartFacts({ impact }: { impact: Impact }) {
  const t = useTranslations("plan");
  const words = usePlanWords();
  const { stopping, staying, unclear, total, scope, majority, blocks } = impact;
  return (
    <>
      <dl className="border-y border-line-strong" aria-live="polite">
        <Fact name={t("row.starts")}>
          <strong className="font-semibold">{t("start.chosen", { n: stopping })}</strong>
        </Fact>
        <Fact name={t("row.serves")}>
          {t("serves", { n: staying + stopping, total })}
          {unclear > 0 ? <span className="block text-sm text-ink-2">{t("unclear", { n: unclear })}</span> : null}
          <OutOfReach impact={impact} isStart />
        </Fact>
        {scope ? (
          <Fact name={t("row.sentAs")}>
            {words.sentAs(scope)}
            <WholeList items={scope.type === "GLOBAL" ? [] : scope.target} />
          </Fact>
        ) : null}
        <Fact name={t("row.then")}>
          <span className="inline-flex items-baseline gap-1.5">
            <Glyph mark={VERDICT_MARK[majority.verdict]} className="translate-y-0.5" />
            <span>{words.majority(majority)}</span>
          </span>
          <WholeList items={majority.tenants} />
          <SetAsideNote majority={majority} />
        </Fact>
      </dl>
      {blocks
        .filter((block) => block.reason !== "nothing-selected")
        .map((block) => (
          <div key={block.reason} className="flex items-start gap-2">
            <Glyph mark="failed" className="mt-0.5" />
            <div className="min-w-0">
              <p>{words.say(`block.${block.reason}`, { list: words.shortList(itemsOf(block)) })}</p>
              <WholeList items={itemsOf(block)} />
            </div>
          </div>
        ))}
    </>
  );
}
