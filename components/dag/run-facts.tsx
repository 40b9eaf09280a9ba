"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useMoment } from "@/components/ui/use-moment";
import type { Run } from "@/lib/tasks/schema";
import { useAge } from "./use-run";

/** Who, why, through which agent, and how often the engine is read: what one quotes to a colleague. */
export function RunFacts({ run }: { run: Run }) {
  const t = useTranslations("run.facts");
  const method = useTranslations("common.method");
  const moment = useMoment();
  const { upstreamPerSecond } = useAge();
  const facts: [string, string | null, boolean][] = [
    [t("method"), run.method && method(run.method), false],
    [t("coordinator"), run.coordinator, true],
    [t("readFrom"), run.readFrom, true],
    [t("started"), run.startedAt && moment(run.startedAt, run.consoleNowMs), false],
    [t("ended"), run.endedAt && moment(run.endedAt, run.consoleNowMs), false],
    [t("by"), run.by, false],
    [t("second"), run.approvedBy ?? (run.breakGlass ? t("breakGlass") : null), false],
    [t("reason"), run.reason, false],
    [t("run"), run.id, true],
    [t("engineName"), run.name, false],
    [t("reads"), run.settled ? t("readsOver") : t("perSecond", { n: upstreamPerSecond }), false],
  ];
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-0.5 px-4 pt-4 text-sm sm:grid-cols-[repeat(2,max-content_minmax(0,1fr))]">
      {facts.map(([name, value, mono]) =>
        value ? (
          <div key={name} className="contents">
            <dt className="text-ink-2">{name}</dt>
            <dd className={mono ? "font-mono" : ""}>{value}</dd>
          </div>
        ) : null,
      )}
      <div className="contents">
        <dt className="text-ink-2">{t("audit")}</dt>
        <dd>
          <Link
            href={`/clusters/${run.cluster.id}/audit?run=${run.id}`}
            prefetch={false}
            className="underline underline-offset-2 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center"
          >
            {t("timeline")}
          </Link>
        </dd>
      </div>
    </dl>
  );
}
