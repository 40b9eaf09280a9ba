"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { formatDuration } from "@/components/ui/duration";
import { FailureNote } from "@/components/ui/failure-note";
import { StateMark, type Mark } from "@/components/ui/state-mark";
import { pollMs } from "@/components/ui/poll-ms";
import { isAppError, type Failure, type Result } from "@/lib/errors";
import { getJson } from "@/lib/get-json";
import type { RunLine, RunState } from "@/lib/tasks/schema";
import { durationOf } from "./task-look";
import { useDateTime } from "./use-clock-time";

const READ_MS = 5_000;
const MARK: Record<RunState, Mark> = {
  ACCEPTED: "waiting",
  RUNNING: "running",
  SUCCEEDED: "done",
  FAILED: "failed",
  CANCELLED: "cancelled",
  UNKNOWN: "unknown",
};
const isActive = (line: RunLine) => line.state === "ACCEPTED" || line.state === "RUNNING" || line.state === "UNKNOWN";

/** All runs the agents know, those that still go on top (ux §2). */
export function RunsList({ clusterId, first }: { clusterId: string; first: Result<RunLine[]> }) {
  const t = useTranslations("run.runs");
  const { data, error } = useQuery({
    queryKey: ["runs", clusterId],
    queryFn: ({ signal }) => getJson<RunLine[]>(`/api/clusters/${clusterId}/runs`, signal),
    initialData: first.ok ? first.value : undefined,
    retry: false,
    networkMode: "always",
    refetchIntervalInBackground: true,
    refetchInterval: () => pollMs(READ_MS),
  });
  const failure: Failure | null = error
    ? isAppError(error)
      ? { kind: error.kind, ...error.facts }
      : { kind: "internal" }
    : data || first.ok
      ? null
      : first.failure;
  const active = data?.filter(isActive) ?? [];
  const over = data?.filter((line) => !isActive(line)) ?? [];
  return (
    <section className="mx-auto w-full max-w-5xl space-y-6 px-4 py-5" id="servers">
      <h1 className="text-lg">{t("title")}</h1>
      {failure ? <FailureNote failure={failure} /> : null}
      {data?.length === 0 ? (
        <p className="text-ink-2">
          {t("empty")}{" "}
          <Link prefetch={false} href={`/clusters/${clusterId}`} className="underline underline-offset-2">
            {t("toTopology")}
          </Link>
        </p>
      ) : null}
      <Lines title={t("active")} lines={active} clusterId={clusterId} />
      <Lines title={t("over")} lines={over} clusterId={clusterId} />
    </section>
  );
}

function Lines({ title, lines, clusterId }: { title: string; lines: readonly RunLine[]; clusterId: string }) {
  if (lines.length === 0) return null;
  return (
    <section>
      <h2 className="mb-1 text-sm text-ink-2">{title}</h2>
      <ul className="border-t">
        {lines.map((line) => (
          <li key={line.id} className="border-b">
            <Line line={line} clusterId={clusterId} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Line({ line, clusterId }: { line: RunLine; clusterId: string }) {
  const t = useTranslations("run.runs");
  const method = useTranslations("common.method");
  const when = useDateTime();
  const tookMs = line.endedAt ? durationOf(line, 0) : null;
  const what = line.targets === null ? line.name : t("what", { kind: line.kind, n: line.targets, name: line.name });
  return (
    <Link
      prefetch={false}
      href={`/clusters/${clusterId}/runs/${line.id}`}
      className="grid min-h-11 grid-cols-[9.5rem_minmax(0,1fr)_auto] items-baseline gap-x-4 px-2 py-2 -outline-offset-2 hover:bg-panel max-sm:grid-cols-1"
    >
      <StateMark mark={MARK[line.state]}>{t(`state.${line.state}`)}</StateMark>
      <span className="min-w-0">
        <span className="font-medium">{what}</span>
        <span className="text-ink-2">
          {line.method ? ` · ${method(line.method)}` : ""}
          {line.by ? ` · ${line.by}` : ""}
        </span>
        {line.holdsMaintenance ? <span className="block text-sm text-amber">! {t("holds")}</span> : null}
        <span className="block font-mono text-xs text-ink-3">{line.id}</span>
      </span>
      <span className="text-sm text-ink-2 sm:text-right">
        {line.startedAt ? when(line.startedAt) : t("noStart")}
        {tookMs === null ? null : (
          <span className="block max-sm:ml-2 max-sm:inline">{t("took", { age: formatDuration(tookMs) })}</span>
        )}
      </span>
    </Link>
  );
}
