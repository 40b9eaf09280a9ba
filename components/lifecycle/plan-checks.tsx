"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatDuration } from "@/components/ui/duration";
import { Glyph, type Mark } from "@/components/ui/state-mark";
import { WholeList } from "@/components/ui/whole-list";
import { useNow } from "@/components/layout/freshness";
import type { Check } from "@/lib/lifecycle/schema";
import { HostCommands } from "./host-commands";
import { silentBlocks } from "./obstacle";
import { usePlanWords } from "./plan-words";
import type { LivePlan } from "./use-live-plan";

type Level = Check["level"];

const LEVEL_MARK: Record<Level, Mark> = { ok: "done", info: "info", warn: "warning", block: "failed" };
const WORST_FIRST: Level[] = ["block", "warn", "info", "ok"];

interface Row {
  id: string;
  level: Level;
  name: string;
  sentence: string;
  next: string | null;
  items: string[];
  commands: Check["commands"];
}

/** The pre-checks as rows, the worst first (ux G-1): glyph, sentence, age, detail, what to do. */
export function PlanChecks({ live, trust }: { live: LivePlan; trust: ReactNode }) {
  const t = useTranslations("plan");
  const words = usePlanWords();
  const now = useNow();
  const { plan } = live;
  const age = t("age.checked", { age: formatDuration(now === 0 ? plan.ageMs : now - live.asOfMs) });
  const blocks = silentBlocks(plan).map((block): Row => {
    const items = block.servers.length > 0 ? block.servers : block.zones;
    const sentence = words.say(`block.${block.reason}`, { list: words.shortList(items) });
    const next = t("block.next", { kind: plan.action });
    return { id: block.reason, level: "block", name: t("block.name"), sentence, next, items, commands: [] };
  });
  const checks = plan.checks.map((check): Row => {
    const sentence = words.checkSentence(plan, check);
    const name = words.say(`check.${check.id}.name`);
    const { id, level, commands } = check;
    const items = words.agentsNamed(plan, check.items);
    return { id, level, name, sentence, next: words.checkNext(check), items, commands };
  });
  const rows = [...blocks, ...checks].sort(
    (left, right) => WORST_FIRST.indexOf(left.level) - WORST_FIRST.indexOf(right.level),
  );
  const open = rows.filter((row) => row.level === "block" || row.level === "warn").length;
  return (
    <section aria-labelledby="plan-checks">
      <div className="flex flex-wrap items-baseline gap-x-3 border-b border-line-strong pb-1">
        <h2 id="plan-checks" className="text-lg">
          {t("checks.title")}
        </h2>
        <span className="text-ink-2">{t("checks.worst", { n: open })}</span>
        <span className="text-sm text-ink-3 sm:ml-auto" title={t("age.never")}>
          {age}
        </span>
      </div>
      <ul>
        {rows.map((row) => (
          <CheckRow key={row.id} row={row} age={age}>
            {row.id === "agent-key" && row.level === "block" ? trust : null}
          </CheckRow>
        ))}
      </ul>
    </section>
  );
}

function CheckRow({ row, age, children }: { row: Row; age: string; children: ReactNode }) {
  const t = useTranslations("plan.checks");
  const stands = row.level === "block" || row.level === "warn";
  return (
    <li
      data-check={row.id}
      data-level={row.level}
      className="grid grid-cols-[1.5rem_minmax(0,12rem)_minmax(0,1fr)] gap-x-2.5 border-b py-1.5 max-sm:grid-cols-[1.5rem_minmax(0,1fr)]"
    >
      <span className="pt-0.5" title={age}>
        <Glyph mark={LEVEL_MARK[row.level]} />
        <span className="sr-only">{t(`level.${row.level}`)}: </span>
      </span>
      <span className={stands ? "font-semibold" : "text-ink-2"}>{row.name}</span>
      <div className="min-w-0 max-sm:col-start-2">
        <p className={stands ? "" : "text-ink-2"}>{row.sentence}</p>
        {row.next ? (
          <p className="text-sm text-ink-2">
            <span className="font-semibold text-ink">{t("next")}:</span> {row.next}
          </p>
        ) : null}
        <WholeList items={row.items} />
        <HostCommands commands={row.commands} />
        {children}
      </div>
    </li>
  );
}
