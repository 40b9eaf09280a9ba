"use client";

import { useTranslations } from "next-intl";
import { stageKeyOf } from "@/lib/tasks/engine-words";
import type { AuditLine } from "@/lib/audit/schema";
import { isOfPlan, RUN_CANCELLED } from "./attempt-end";
import type { TimelineLine } from "./timeline-lines";
import { useFactWords } from "./use-fact-words";
import { useOperationWords } from "./use-operation-words";

/** Its first line repeats what its plan would send, which stands among the details. */
const opensWithPlan = (action: AuditLine["action"]): boolean =>
  isOfPlan(action) || action === "approval.request" || action === "approval.decide";

/** Why the console itself gave up an entry, by what its line says. */
const CLOSED_BY_CONSOLE: Record<string, "timeline.clusterRemoved" | "timeline.storeRestored"> = {
  "cluster-unknown": "timeline.clusterRemoved",
  "store-restored": "timeline.storeRestored",
};

type Told = Exclude<TimelineLine, { kind: "gap" }>;

/** A line of the timeline in words, and the facts below it. */
export function useStepWords(): (line: Told, action: AuditLine["action"]) => { word: string; facts: string } {
  const t = useTranslations("audit");
  const run = useTranslations("run");
  const say = useFactWords();
  const sayParts = useOperationWords();
  const stageName = (name: string): string => {
    const key = stageKeyOf(name);
    return key === "other" ? name : run(`stage.${key}`); // an unknown one is shown as it came (ux I-3)
  };
  /** What the line adds in text: of an operation what is left, of a run nothing that its stages do not say. */
  const factsIn = (event: string, action: AuditLine["action"], text: string | undefined): string | undefined => {
    if (!text || event === "step" || (event === "opened" && opensWithPlan(action))) return undefined;
    if (event === "finished" && (action === "run.cancel" || action === "run.release")) return sayParts(text);
    return event === "finished" && isOfPlan(action) ? undefined : say.facts(action, text);
  };
  return (line, action) => {
    if (line.kind === "reviewed") return { word: t("timeline.reviewed"), facts: "" };
    const { event, outcome, detail, by } = line.step;
    const { stage, counts, text, reason } = detail;
    const facts = [
      event === "step" || !stage ? undefined : stageName(stage),
      counts && t("timeline.counts", { cancelled: 0, again: 0, ...counts }),
      event === "step" ? undefined : outcome?.agentCode,
      factsIn(event, action, text),
      event === "silent" && outcome?.kind ? say.code(outcome.kind) : undefined,
      reason && event === "closed" ? `“${reason}”` : undefined,
      outcome?.traceId && `trace ${outcome.traceId}`,
    ];
    let word = t(`event.${event}`);
    if (event === "step" && stage) word = t("timeline.step", { part: text ?? "", stage: stageName(stage) });
    if (!isOfPlan(action) && (event === "accepted" || event === "checked")) word = t("end.done");
    if (action === "cluster.test" && event === "blocked") word = t("event.failedTest");
    if (event === "finished" && outcome?.kind !== undefined)
      word = t(outcome.kind === RUN_CANCELLED ? "end.runCancelled" : "timeline.finishedBad");
    if (event === "silent" && outcome?.kind) word = t("timeline.unreadable");
    if (event === "closed" && by === "console")
      word = t(CLOSED_BY_CONSOLE[outcome?.kind ?? ""] ?? "timeline.closedByConsole");
    return { word, facts: facts.filter(Boolean).join(" · ") };
  };
}
