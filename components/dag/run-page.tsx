"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { FailureNote } from "@/components/ui/failure-note";
import type { Result } from "@/lib/errors";
import type { RunAnswer } from "@/lib/tasks/schema";
import { RunBody } from "./run-body";
import { createRunStore } from "./run-store";
import { RunProvider, useAge, useRun, useRunPolling } from "./use-run";

/** A run, watched. Begins with what the server already knew and keeps asking, also after a failure (ux P8, L-4). */
export function RunPage({
  clusterId,
  runId,
  first,
  phone,
}: {
  clusterId: string;
  runId: string;
  first: Result<RunAnswer>;
  phone: boolean;
}) {
  const [store] = useState(() => createRunStore(first.ok ? first.value : null, first.ok ? null : first.failure));
  const hopeless = !first.ok && (first.failure.kind === "task-id-invalid" || first.failure.kind === "cluster-unknown");
  const read = useRunPolling(store, clusterId, runId, !hopeless);
  return (
    <RunProvider value={store}>
      <Known clusterId={clusterId} runId={runId} read={read} phone={phone} />
    </RunProvider>
  );
}

function Known({
  clusterId,
  runId,
  read,
  phone,
}: {
  clusterId: string;
  runId: string;
  read: (look: boolean) => void;
  phone: boolean;
}) {
  const run = useRun();
  if (run) return <RunBody run={run} read={read} phone={phone} />;
  return <NoRun clusterId={clusterId} runId={runId} />;
}

/** Nothing was read so far: what is wrong, what to do next, and where else to look. */
function NoRun({ clusterId, runId }: { clusterId: string; runId: string }) {
  const t = useTranslations("run");
  const { failure } = useAge();
  return (
    <section className="mx-auto w-full max-w-3xl space-y-4 p-4">
      <h1 className="text-lg">
        {t("title")} <span className="font-mono text-sm font-normal break-all text-ink-2">{runId}</span>
      </h1>
      {failure ? <FailureNote failure={failure} /> : <p className="text-ink-2">{t("reading")}</p>}
      <p className="flex flex-wrap gap-x-6">
        <Link
          prefetch={false}
          className="inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
          href={`/clusters/${clusterId}/runs`}
        >
          {t("toRuns")}
        </Link>
        <Link
          prefetch={false}
          className="inline-flex min-h-6 items-center underline underline-offset-2 max-sm:min-h-11"
          href={`/clusters/${clusterId}`}
        >
          {t("toTopology")}
        </Link>
      </p>
    </section>
  );
}
