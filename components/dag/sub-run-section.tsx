"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { formatDuration } from "@/components/ui/duration";
import { FailureNote } from "@/components/ui/failure-note";
import { Glyph, StateMark } from "@/components/ui/state-mark";
import { isAppError } from "@/lib/errors";
import { getFromAgent } from "@/lib/get-json";
import type { Run, SubRun } from "@/lib/tasks/schema";
import { isOver } from "./headline";
import { durationOf, markOf, type TaskMark } from "./task-look";
import { useClockTime } from "./use-clock-time";

const READ_MS = 3_000;
/** After the end somebody may still release it. */
const SETTLED_READ_MS = 10_000;

/** It stopped to wait: for its coordinator, or for a run that is over. */
type Wait = "waits" | "left" | null;

/** A server's own run, read only when opened. Its FAILED is the engine's way to wait, never a failure (ux E10, D-22). */
export function SubRunSection({ run, agent }: { run: Run; agent: string }) {
  const t = useTranslations("run.sub");
  const [open, setOpen] = useState(false);
  return (
    <details className="border-b" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="px-3 py-1.5 text-sm">{t("title")}</summary>
      {open ? <SubRunBody run={run} agent={agent} /> : null}
    </details>
  );
}

function SubRunBody({ run, agent }: { run: Run; agent: string }) {
  const t = useTranslations("run.sub");
  const path = `/api/clusters/${run.cluster.id}/runs/${run.id}/agents/${encodeURIComponent(agent)}`;
  const clock = useClockTime();
  const { data, error, dataUpdatedAt } = useQuery({
    // What was read before its run came to an end, or to another one, says nothing about it afterwards.
    queryKey: ["sub-run", path, run.endedAt],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => getFromAgent<SubRun>(path, signal),
    retry: false,
    networkMode: "always",
    refetchInterval: run.settled ? SETTLED_READ_MS : READ_MS,
  });
  if (!data && error)
    return (
      <div className="p-2">
        <FailureNote
          failure={isAppError(error) ? { kind: error.kind, ...error.facts } : { kind: "internal" }}
          live={false}
        />
      </div>
    );
  if (!data) return <p className="px-3 pb-2 text-sm text-ink-2">{t("loading")}</p>;
  const isOld = data.state === "FAILED" && data.operator !== "CANCEL" && !isOver(run); // from before it was taken up again
  const wait: Wait = data.waitsForCoordinator || isOld ? "waits" : data.isLeft ? "left" : null;
  return (
    <div className="max-h-[32dvh] overflow-auto px-3 pb-2 text-sm">
      {error ? <p className="text-amber">{t("asOf", { time: clock(dataUpdatedAt) })}</p> : null}
      <p className="flex flex-wrap gap-x-3">
        <SubState wait={wait} mark={markOf({ ...data, stuck: false })} />
        <span className="text-ink-2">{t("step", { stage: data.stage, max: data.maxStage })}</span>
      </p>
      <ol className="mt-1">
        {data.steps.map((step) => (
          <SubStep key={step.id} step={step} wait={wait} />
        ))}
      </ol>
      <p className="mt-1 font-mono text-xs text-ink-3 select-all">{data.id}</p>
    </div>
  );
}

function SubState({ wait, mark }: { wait: Wait; mark: TaskMark }) {
  const t = useTranslations("run.sub");
  const word = useTranslations("common.task");
  return wait ? <StateMark mark="waiting">{t(wait)}</StateMark> : <StateMark mark={mark}>{word(mark)}</StateMark>;
}

function SubStep({ step, wait }: { step: SubRun["steps"][number]; wait: Wait }) {
  const t = useTranslations("run.sub");
  const word = useTranslations("common.task");
  const own = markOf({ ...step, stuck: false });
  const isWaiting = wait !== null && own === "failed";
  const mark: TaskMark = isWaiting ? "waiting" : own;
  const took = step.endedAt ? durationOf(step, 0) : null;
  return (
    <li className="border-t border-line/60 py-1">
      <span className="flex items-start gap-1.5">
        <Glyph mark={mark} />
        <span className="min-w-0 flex-1" lang="en">
          {step.name}
        </span>
        <span className="text-ink-2">
          {isWaiting && wait === "waits" ? t("waits") : word(mark)}
          {took === null ? null : ` ${formatDuration(took)}`}
        </span>
      </span>
      {step.logs.length > 0 ? (
        <pre className="mt-0.5 ml-6 font-mono text-xs whitespace-pre-wrap text-ink-2" lang="en">
          {step.logs.join("\n")}
        </pre>
      ) : null}
    </li>
  );
}
