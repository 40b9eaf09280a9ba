"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";
import type { Part, PartResult } from "@/lib/lifecycle/schema";

const DOES: Record<Part["does"], true> = { cancel: true, retry: true, "pass-node": true, release: true };
const RESULTS: Record<PartResult["result"], true> = {
  waiting: true,
  sending: true,
  done: true,
  already: true,
  refused: true,
  silent: true,
  "not-seen": true,
  "not-sent": true,
};
const REQUEST = /^(\S+) (\S+)$/;
const RESULT = /^(\S+): (\S+)$/;
const isIn = <Word extends string>(words: Record<Word, true>, word: string): word is Word => Object.hasOwn(words, word);

/** The requests of an operation, and what is left of them, in the language of the page; unknown words stay as they came. */
export function useOperationWords(): (text: string) => string {
  const t = useTranslations("plan.outcome");
  return useMemo(() => {
    const part = (text: string): string => {
      const [, agent, result = ""] = RESULT.exec(text) ?? [];
      if (agent && isIn(RESULTS, result)) return `${agent}: ${t(`result.${result}`)}`;
      const [, does = "", asked] = REQUEST.exec(text) ?? [];
      return asked && isIn(DOES, does) ? `${t(`does.${does}`)} ${asked}` : text;
    };
    return (text: string) => text.split(", ").map(part).join(" · ");
  }, [t]);
}
