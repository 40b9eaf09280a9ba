"use client";

import { useTranslations } from "next-intl";
import { Glyph, type Mark } from "@/components/ui/state-mark";
import { useFailureWords } from "@/components/ui/use-failure-words";
import type { TestStep, TestWord } from "@/lib/clusters/schema";

const MARK: Record<TestStep["state"], Mark> = {
  waiting: "waiting",
  running: "running",
  ok: "done",
  warn: "warning",
  failed: "failed",
  skipped: "skipped",
};

/** Some addresses are enough to see which hosts it is about. */
const SHOWN = 12;

/** One step: its state in a word, what was found, and what to do. */
export function TestStepLine({ step: { id, state, said, failure, params, items } }: { step: TestStep }) {
  const t = useTranslations("clusters.test");
  const told = useFailureWords();
  /** The server side gives each word the values that its sentence names; no type joins the two. */
  const say = (part: "said" | "todo", word: TestWord): string | null => {
    const key = `${part}.${word}` as "said.passwordTaken";
    return t.has(key) ? t(key, params) : null;
  };
  const engine = failure ? [failure.agentCode, failure.agentMessage].filter(Boolean).join(": ") : "";
  const todo = said === null ? null : say("todo", said);
  return (
    <li
      data-step={id}
      data-state={state}
      className="grid grid-cols-[1.5rem_minmax(0,1fr)] gap-x-2 py-1.5 md:grid-cols-[1.5rem_8rem_minmax(0,1fr)]"
    >
      <Glyph mark={MARK[state]} className="mt-px" />
      <span className={state === "waiting" || state === "skipped" ? "text-ink-3" : "font-medium"}>
        {t(`step.${id}`)}
        <span className="sr-only">: {t(`state.${state}`)}</span>
      </span>
      <div className="min-w-0 max-md:col-start-2">
        {state === "skipped" ? <p className="text-ink-3">{t("state.skipped")}</p> : null}
        {said ? <p>{say("said", said)}</p> : null}
        {items.length > 0 ? (
          <p className="font-mono text-sm">
            {items.slice(0, SHOWN).join(", ")}
            {items.length > SHOWN ? ` +${items.length - SHOWN}` : ""}
          </p>
        ) : null}
        {todo ? <p className="text-ink-2">{todo}</p> : null}
        {failure ? (
          <>
            <p>{told(failure, "what")}</p>
            <p className="text-ink-2">{told(failure, "next")}</p>
          </>
        ) : null}
        {engine ? (
          <p lang="en" className="font-mono text-xs text-ink-2 select-all">
            {engine}
          </p>
        ) : null}
      </div>
    </li>
  );
}
