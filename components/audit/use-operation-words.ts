"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

const REQUEST = /^(cancel|retry|pass-node|release) (\S+)$/;
const RESULT = /^(\S+): (waiting|sending|done|already|refused|silent|not-sent)$/;
type Does = "cancel" | "retry" | "pass-node" | "release";
type Result = "waiting" | "sending" | "done" | "already" | "refused" | "silent" | "not-sent";

/** The requests of an operation, and what is left of them, in the language of the page; unknown words stay as they came. */
export function useOperationWords(): (text: string) => string {
  const t = useTranslations("plan.outcome");
  return useMemo(() => {
    const part = (text: string): string => {
      const [, does, asked] = REQUEST.exec(text) ?? [];
      if (does && asked) return `${t(`does.${does as Does}`)} ${asked}`; // safe: the pattern names these four
      const [, agent, result] = RESULT.exec(text) ?? [];
      return agent && result ? `${agent}: ${t(`result.${result as Result}`)}` : text; // safe: the pattern names these
    };
    return (text: string) => text.split(", ").map(part).join(" · ");
  }, [t]);
}
