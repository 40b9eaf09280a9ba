"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import type { Run } from "@/lib/tasks/schema";
import { useDateTime } from "./use-clock-time";

/** Which run this one follows up, and what was sent because of it: linked both ways (ux V-2). */
export function RunLinks({ run }: { run: Run }) {
  const t = useTranslations("run.links");
  const when = useDateTime();
  const { continues, followUps } = run;
  if (continues === null && followUps.length === 0) return null;
  const link = (id: string, text: string, mono = false) => (
    <Link
      prefetch={false}
      href={`/clusters/${run.cluster.id}/runs/${id}`}
      className={`inline-flex min-h-6 items-center break-all underline underline-offset-2 max-sm:min-h-11 ${mono ? "font-mono" : ""}`}
    >
      {text}
    </Link>
  );
  return (
    <div className="flex flex-wrap gap-x-6 gap-y-1 border-t px-4 py-2 text-sm">
      {continues === null ? null : (
        <p>
          <span className="text-ink-2">{t("continues")}</span> {link(continues, continues, true)}
        </p>
      )}
      {followUps.length > 0 ? (
        <p className="flex flex-wrap items-center gap-x-3">
          <span className="text-ink-2">{t("followedUp")}</span>
          {followUps.map(({ action, runId, by, at }) => {
            const text = t(action, { who: by, at: when(at) });
            return <span key={`${action} ${at}`}>{runId === null ? text : link(runId, text)}</span>;
          })}
        </p>
      ) : null}
    </div>
  );
}
