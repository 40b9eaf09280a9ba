"use client";

import { useTranslations } from "next-intl";
import { useMoment } from "@/components/ui/use-moment";
import type { Run } from "@/lib/tasks/schema";
import { currentStage, headlineOf, isPast, kindInWords } from "./headline";
import { useStageName } from "./use-stage-name";

/** The headline of a run as one sentence; header, title and announcement say the same. */
export function useHeadline(run: Run): string {
  const t = useTranslations("run.head");
  const stageName = useStageName();
  const moment = useMoment();
  const { key } = headlineOf(run);
  const stage = currentStage(run);
  return t(key, {
    kind: kindInWords(run),
    name: stageName(stage),
    run: run.name,
    stage: run.stage,
    n: key === "failedSome" ? run.counts.failed : (run.targets?.length ?? run.counts.total),
    wanted: run.outcome.wanted ?? "PROCESS_STOPPED",
    stopped: run.outcome.stopped,
    failed: run.outcome.failed,
    cancelled: run.outcome.cancelled,
    again: run.outcome.again,
    away: run.now?.away.length ?? 0,
    notReported: run.outcome.notReported,
    total: run.outcome.total,
    agent: run.coordinator,
    time: moment(isPast(run) ? run.outcome.checkedAt : run.startedAt, run.consoleNowMs),
  });
}
