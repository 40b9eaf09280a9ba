"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState, type Ref } from "react";
import { FreshnessBadge } from "@/components/layout/freshness";
import { Button } from "@/components/ui/button";
import { formatDuration } from "@/components/ui/duration";
import { EnvironmentBadge } from "@/components/ui/environment-badge";
import { Glyph } from "@/components/ui/state-mark";
import { useMoment } from "@/components/ui/use-moment";
import type { Run } from "@/lib/tasks/schema";
import { CancelLink } from "./cancel-link";
import { CopyLink } from "./copy-link";
import { headlineOf, currentStage, isOver, isPast, roundedRange } from "./headline";
import { RunProgress } from "./run-progress";
import { durationOf } from "./task-look";
import { useAge, useEngineNow } from "./use-run";
import { useHeadline } from "./use-headline";
import { useStageName } from "./use-stage-name";

const NotifyMe = dynamic(() => import("./notify-me").then((module) => module.NotifyMe), { ssr: false });

/** The whole truth in one line, worst news first; it stays while everything else scrolls (ux D-10). */
export function RunHeader({
  ref,
  run,
  failures,
  stuck,
  onNextFailure,
  onRefresh,
  onResume,
}: {
  ref: Ref<HTMLElement>;
  run: Run;
  failures: number;
  stuck: number;
  onNextFailure: () => void;
  onRefresh: () => void;
  onResume: () => void;
}) {
  const t = useTranslations("run.head");
  const headline = useHeadline(run);
  const { mark } = headlineOf(run);
  const method = useTranslations("common.method");
  const bad = mark === "failed";
  // It stays to tell of the end.
  const [wasLive] = useState(!run.settled);
  return (
    <header
      ref={ref}
      className={`sticky top-0 z-20 border-b bg-panel px-4 pt-2.5 pb-2 ${bad ? "shadow-[inset_3px_0_0_var(--fail)]" : ""}`}
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h1 className="flex min-w-0 items-center gap-2 text-lg leading-tight">
          <Glyph mark={mark} />
          <span>{headline}</span>
        </h1>
        <Counts run={run} stuck={stuck} />
        <span className="flex-1" />
        <span className="flex flex-wrap items-center gap-x-2 text-ink-2">
          {run.method ? <span className="max-sm:hidden">{method(run.method)} ·</span> : null}
          <b className="font-semibold text-ink" translate="no">
            {run.cluster.name}
          </b>
          <EnvironmentBadge environment={run.cluster.environment} />
        </span>
      </div>
      <RunProgress run={run} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Timing run={run} stuck={stuck} />
        <span className="flex-1 max-sm:hidden" />
        <Freshness run={run} onRefresh={onRefresh} onResume={onResume} />
        <span className="flex flex-wrap items-center gap-1.5">
          {failures > 0 ? (
            <Button className="min-h-7! py-0.5! max-sm:min-h-11!" onClick={onNextFailure}>
              {t("nextFailure", { n: failures })}
              <kbd className="font-mono text-xs text-ink-3 max-sm:hidden">n</kbd>
            </Button>
          ) : null}
          <CancelLink run={run} />
          {wasLive ? <NotifyMe run={run} /> : null}
          <CopyLink />
        </span>
      </div>
    </header>
  );
}

function Counts({ run, stuck }: { run: Run; stuck: number }) {
  const t = useTranslations("run.head");
  const moment = useMoment();
  const { total, done, running } = run.counts;
  const over = isOver(run);
  const { outcome } = run;
  if (run.endedAt && outcome.state === "waiting" && outcome.total > 0)
    return <p className="text-ink-2">{t("reportedOf", { stopped: outcome.stopped, total: outcome.total })}</p>;
  if (run.state === "SUCCEEDED" || total === 0) return null;
  if (over && (outcome.state === "missed" || outcome.state === "reached"))
    return (
      <p className="font-semibold">
        {t(isPast(run) ? "missedThen" : "missed", {
          stopped: outcome.stopped,
          failed: outcome.failed,
          cancelled: outcome.cancelled,
          again: outcome.again,
          notReported: outcome.notReported,
          wanted: outcome.wanted ?? "PROCESS_STOPPED",
          time: moment(outcome.checkedAt, run.consoleNowMs),
        })}
      </p>
    );
  return (
    <p className="flex flex-wrap gap-x-3 text-ink-2">
      <span>
        <b className="font-semibold text-ink">{t("doneOf", { done, total })}</b>
      </span>
      {running > 0 && !over ? <span>{t("runningCount", { n: running })}</span> : null}
      {stuck > 0 && !over ? <span>{t("stuckCount", { n: stuck })}</span> : null}
    </p>
  );
}

function Timing({ run, stuck }: { run: Run; stuck: number }) {
  const t = useTranslations("run.head");
  const stageName = useStageName();
  const moment = useMoment();
  const stage = currentStage(run);
  const over = isOver(run);
  return (
    <p className="flex flex-wrap gap-x-4 text-ink-2">
      {over ? null : (
        <span className="max-sm:hidden">
          {t("step", { stage: run.stage, max: run.maxStage, name: stageName(stage) })}
        </span>
      )}
      {run.endedAt && over ? <span>{t("finishedAt", { time: moment(run.endedAt, run.consoleNowMs) })}</span> : null}
      <Elapsed run={run} />
      {over || run.state === "UNKNOWN" ? null : <Estimate run={run} stuck={stuck} />}
    </p>
  );
}

function Elapsed({ run }: { run: Run }) {
  const t = useTranslations("run.head");
  const now = useEngineNow();
  const elapsedMs = durationOf(run, now);
  if (elapsedMs === null) return null;
  const age = formatDuration(elapsedMs);
  return <span>{run.endedAt ? t("took", { age }) : t("elapsed", { age })}</span>;
}

/** Only with evidence, always a rounded range, never a countdown to nothing (ux D-13). */
function Estimate({ run, stuck }: { run: Run; stuck: number }) {
  const t = useTranslations("run.head");
  if (run.estimate) {
    const { unit, from, to } = roundedRange(run.estimate);
    return <span>{t(unit, { from, to })}</span>;
  }
  if (stuck > 0) return <span>{t("overrun")}</span>;
  return run.counts.running > 0 ? <span className="text-ink-3 max-sm:hidden">{t("noEstimate")}</span> : null;
}

function Freshness({ run, onRefresh, onResume }: { run: Run; onRefresh: () => void; onResume: () => void }) {
  const { asOfMs, offlineSinceMs, paused } = useAge();
  if (run.settled) return null;
  return (
    <FreshnessBadge
      freshness={{ asOfMs, offlineSinceMs, paused }}
      runGoing={!isOver(run)}
      onRetry={onRefresh}
      onResume={onResume}
    />
  );
}
