"use client";

import { useTranslations } from "next-intl";
import { StateMark } from "@/components/ui/state-mark";
import type { OperationRequest, PartResult } from "@/lib/lifecycle/schema";
import { RESULT_MARK, worstFirst } from "./part-look";

/** One line per request of an operation: the agent, what it was asked, what became of it (ux V-3). */
export function PartList({ parts, action }: { parts: readonly PartResult[]; action: OperationRequest["action"] }) {
  const t = useTranslations("plan.outcome");
  const isOneKind = action === "release";
  return (
    <ul aria-label={t("list")} className="max-h-[32rem] overflow-y-auto border-y border-line-strong" tabIndex={0}>
      {worstFirst(parts).map((part) => (
        <li
          key={`${part.does} ${part.agent} ${part.taskId}`}
          data-result={part.result}
          className={`grid gap-x-3 border-b py-1.5 last:border-b-0 max-sm:grid-cols-1 ${isOneKind ? "grid-cols-[minmax(9rem,13rem)_minmax(0,1fr)]" : "grid-cols-[minmax(9rem,13rem)_minmax(6rem,9rem)_minmax(0,1fr)]"}`}
        >
          <span translate="no" className="font-mono">
            {part.agent}
          </span>
          {isOneKind ? null : <span className="text-ink-2">{t(`does.${part.does}`)}</span>}
          <span className="flex flex-wrap items-baseline gap-x-3">
            <StateMark mark={RESULT_MARK[part.result]}>{word(part)}</StateMark>
            {part.agentCode ? (
              <span lang="en" className="font-mono text-sm text-ink-2 select-all">
                {part.agentCode}
              </span>
            ) : null}
          </span>
        </li>
      ))}
    </ul>
  );

  function word({ does, result }: PartResult): string {
    return result === "already" && does !== "release" ? t("ended") : t(`result.${result}`);
  }
}
