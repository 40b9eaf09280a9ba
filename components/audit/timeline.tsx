"use client";

import { useTranslations } from "next-intl";
import { formatDuration } from "@/components/ui/duration";
import { Glyph, type Mark } from "@/components/ui/state-mark";
import type { Attempt } from "@/lib/audit/schema";
import { RUN_CANCELLED } from "./attempt-end";
import { timelineOf, type TimelineLine } from "./timeline-lines";
import { useAttemptWords, utc } from "./use-attempt-words";
import { useStepWords } from "./use-step-words";

/** What happened, line by line: when, what, and whether a person, the console or the engine said so (ux A-3). */
export function Timeline({ attempt }: { attempt: Attempt }) {
  const t = useTranslations("audit.timeline");
  const lines = timelineOf(attempt);
  const firstMs = Date.parse(lines[0]?.at ?? attempt.opened.at);
  return (
    <ol aria-label={t("label")} className="-my-0.5">
      {lines.map((line, at) => (
        <li
          key={at} // lines are only ever added at the end
          className="relative grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-2 before:absolute before:inset-y-0 before:left-[0.6rem] before:w-px before:bg-line-strong first:before:top-2 last:before:bottom-auto last:before:h-2"
        >
          {line.kind === "gap" ? (
            <Gap line={line} day={attempt.opened.at} />
          ) : (
            <Moment
              line={line}
              day={attempt.opened.at}
              action={attempt.opened.action}
              sinceMs={Date.parse(line.at) - firstMs}
            />
          )}
        </li>
      ))}
    </ol>
  );
}

function Moment({
  line,
  day,
  action,
  sinceMs,
}: {
  line: Exclude<TimelineLine, { kind: "gap" }>;
  /** The entry stands under it. */
  day: string;
  action: Attempt["opened"]["action"];
  sinceMs: number;
}) {
  const words = useAttemptWords();
  const { word, facts } = useStepWords()(line, action);
  return (
    <>
      <span className="relative flex justify-center">
        <span className="h-fit bg-paper py-0.5">
          <Glyph mark={markOf(line)} />
        </span>
      </span>
      <div className="flex min-w-0 flex-wrap items-baseline gap-x-3 py-0.5">
        <time dateTime={line.at} title={utc(line.at)} className="font-mono">
          {words.time(line.at, day)}
        </time>
        <span className="font-medium">{word}</span>
        <span className="text-ink-2">{words.by(line.kind === "reviewed" ? line.by : line.step.by)}</span>
        {sinceMs > 0 ? <span className="text-ink-2 tabular-nums">+{formatDuration(sinceMs)}</span> : null}
        {facts ? <span className="min-w-0 basis-full text-ink-2 [overflow-wrap:anywhere]">{facts}</span> : null}
      </div>
    </>
  );
}

/** Nobody could tell how it stood: an interrupted line, not a short one. */
function Gap({ line, day }: { line: Extract<TimelineLine, { kind: "gap" }>; day: string }) {
  const t = useTranslations("audit.timeline");
  const words = useAttemptWords();
  const from = words.time(line.at, day);
  return (
    <>
      <span className="relative flex justify-center">
        <span className="hatch min-h-8 w-3 border-y border-line-strong bg-paper" aria-hidden="true" />
      </span>
      <p className="py-1.5 text-ink-2">
        {line.to === null
          ? t("gapOpen", { from })
          : t("gap", {
              from,
              to: words.time(line.to, day),
              length: formatDuration(Date.parse(line.to) - Date.parse(line.at)),
            })}
      </p>
    </>
  );
}

function markOf(line: Exclude<TimelineLine, { kind: "gap" }>): Mark {
  if (line.kind === "reviewed") return "info";
  const { event, outcome } = line.step;
  switch (event) {
    case "finished":
      return outcome?.kind === undefined ? "done" : outcome.kind === RUN_CANCELLED ? "cancelled" : "failed";
    case "checked":
      return "done";
    case "refused":
    case "blocked":
    case "failed":
      return "failed";
    case "cancelled":
    case "declined":
    case "expired":
      return "cancelled";
    case "unknown":
      return "unknown";
    case "requested":
      return "waiting";
    case "step":
      return "running";
    default:
      return "info";
  }
}
