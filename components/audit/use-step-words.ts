"use client";

import { useTranslations } from "next-intl";
import { stageKeyOf } from "@/lib/tasks/engine-words";
import type { TimelineLine } from "./timeline-lines";

/** A line of the timeline in words, and the facts below it. */
export function useStepWords(): (line: Exclude<TimelineLine, { kind: "gap" }>) => { word: string; facts: string } {
  const t = useTranslations("audit");
  const run = useTranslations("run");
  const stageName = (name: string): string => {
    const key = stageKeyOf(name);
    return key === "other" ? name : run(`stage.${key}`); // an unknown one is shown as it came (ux I-3)
  };
  return (line) => {
    if (line.kind === "reviewed") return { word: t("timeline.reviewed"), facts: "" };
    const { event, outcome, detail, by } = line.step;
    const { stage, counts, text, reason } = detail;
    const facts = [
      event === "step" || !stage ? undefined : stageName(stage),
      counts && t("timeline.counts", counts),
      event === "step" ? undefined : outcome?.agentCode,
      event === "finished" || event === "step" ? undefined : text,
      reason && event === "closed" ? `“${reason}”` : undefined,
      outcome?.traceId && `trace ${outcome.traceId}`,
    ];
    let word = t(`event.${event}`);
    if (event === "step" && stage) word = t("timeline.step", { part: text ?? "", stage: stageName(stage) });
    if (event === "finished" && outcome?.kind !== undefined) word = t("timeline.finishedBad");
    if (event === "closed" && by === "console") word = t("timeline.closedByConsole");
    return { word, facts: facts.filter(Boolean).join(" · ") };
  };
}
