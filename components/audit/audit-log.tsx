"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import type { Attempt } from "@/lib/audit/schema";
import type { ClusterCard } from "@/lib/clusters/schema";
import { AttemptEntry } from "./attempt-entry";
import { FILTERS, type Filter } from "./attempt-end";
import { useAttemptWords } from "./use-attempt-words";

/** The audit of one cluster as a vertical line, the newest attempt first, a heading per day (ux §12). */
export function AuditLog({
  cluster,
  attempts,
  matching,
  total,
  filter,
  nextLimit,
}: {
  cluster: ClusterCard;
  /** Only what is shown; `matching` of `total` pass the filter. */
  attempts: Attempt[];
  matching: number;
  total: number;
  filter: Filter;
  nextLimit: number;
}) {
  const t = useTranslations("audit");
  const words = useAttemptWords();
  const base = `/clusters/${cluster.id}/audit`;
  const days = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const day = words.day(attempt.opened.at);
    days.set(day, [...(days.get(day) ?? []), attempt]);
  }
  return (
    <div className="mx-auto w-full max-w-5xl px-4 pt-4 pb-10">
      <h1 className="text-xl">{t("title")}</h1>
      <p className="text-ink-2">{t("lead", { cluster: cluster.name })}</p>
      {total === 0 ? (
        <div className="py-8">
          <p className="font-semibold">{t("empty.what")}</p>
          <p className="text-ink-2">{t("empty.next")}</p>
        </div>
      ) : (
        <nav aria-label={t("filter.label")} className="mt-3 flex flex-wrap items-center gap-x-1 gap-y-1 border-b pb-1">
          {FILTERS.map((one) => (
            <Link
              key={one}
              href={one === "all" ? base : `${base}?show=${one}`}
              prefetch={false}
              replace
              aria-current={one === filter ? "true" : undefined}
              className={`inline-flex min-h-8 items-center rounded-[3px] px-2 max-sm:min-h-11 ${one === filter ? "bg-sunken font-semibold" : "text-ink-2 hover:text-ink"}`}
            >
              {t(`filter.${one}`)}
            </Link>
          ))}
          <span className="text-sm text-ink-2 sm:ml-auto" role="status">
            {t("count", { shown: attempts.length, total })}
          </span>
        </nav>
      )}
      {total > 0 && matching === 0 ? <p className="py-6">{t("noneMatch")}</p> : null}
      {[...days].map(([day, entries]) => (
        <section key={day} aria-label={day}>
          <h2 className="pt-4 pb-1 text-base sm:pl-[5.75rem]">{day}</h2>
          <ol>
            {entries.map((attempt) => (
              <AttemptEntry key={attempt.id} attempt={attempt} />
            ))}
          </ol>
        </section>
      ))}
      {matching > attempts.length && nextLimit > attempts.length ? (
        <p className="pt-4 sm:pl-[5.75rem]">
          <Link
            href={`${base}?show=${filter}&limit=${nextLimit}`}
            prefetch={false}
            scroll={false}
            className="underline underline-offset-2"
          >
            {t("more", { n: Math.min(matching, nextLimit) - attempts.length })}
          </Link>
        </p>
      ) : null}
    </div>
  );
}
