"use client";

import { useTranslations } from "next-intl";
import type { Run } from "@/lib/tasks/schema";

/** Targets done, failed and running as shares of one bar; the text beside it carries the same numbers (ux D-11). */
export function RunProgress({ run }: { run: Run }) {
  const t = useTranslations("run.head");
  const { total, done, failed, running } = run.counts;
  const share = (count: number) => `${total > 0 ? (count / total) * 100 : 0}%`;
  return (
    <div
      role="progressbar"
      aria-label={t("progress")}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={t("progressText", { done, total })}
      className="my-2 flex h-1.5 overflow-hidden rounded-[3px] bg-line outline-1 -outline-offset-1 outline-line-strong/60 forced-colors:outline"
    >
      {failed > 0 ? <span className="bg-fail" style={{ width: share(failed) }} /> : null}
      <span className="bg-done" style={{ width: share(done) }} />
      <span className="hatch bg-run/15" style={{ width: share(running) }} />
    </div>
  );
}
