"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import type { Attempt, AuditQuery } from "@/lib/audit/schema";
import type { ClusterCard } from "@/lib/clusters/schema";
import { AttemptEntry } from "./attempt-entry";
import { AuditFilters } from "./audit-filters";
import { countFilters, searchOf } from "./audit-query";
import { ChainNote } from "./chain-note";
import { useAttemptWords } from "./use-attempt-words";

export interface AuditLogProps {
  /** The cluster whose page this is; null on the page of all clusters. */
  cluster: ClusterCard | null;
  /** To choose from on the page of all. */
  clusters: readonly ClusterCard[];
  attempts: readonly Attempt[];
  query: AuditQuery;
  /** What stands in the address as an end of the span and is no time. */
  unread: readonly { end: "from" | "to"; value: string }[];
  /** Where the page after this one begins; null on the last. */
  next: number | null;
  /** Entries of the console itself are among these. */
  hasConsole: boolean;
  mayExport: boolean;
  /** Seeing this cluster lets one ask whether the chain holds; undefined for who sees all. */
  chainBy: string | undefined;
}

/** The audit as a vertical line, the newest attempt first, a heading per day (ux §12). */
export function AuditLog({
  cluster,
  clusters,
  attempts,
  query,
  unread,
  next,
  hasConsole,
  mayExport,
  chainBy,
}: AuditLogProps) {
  const t = useTranslations("audit");
  const words = useAttemptWords();
  const base = cluster ? `/clusters/${cluster.id}/audit` : "/audit";
  const days = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const day = words.day(attempt.opened.at);
    days.set(day, [...(days.get(day) ?? []), attempt]);
  }
  const isFiltered = countFilters(query) > 0 || (!cluster && query.cluster !== undefined);
  const hrefOf = (change: Partial<AuditQuery>) => {
    const all = { ...query, ...change };
    return base + searchOf(cluster ? { ...all, cluster: undefined } : all);
  };
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-4 pb-10">
      <div className="flex flex-wrap items-baseline gap-x-4">
        <h1 className="text-xl">{t("title")}</h1>
        <ChainNote cluster={chainBy} />
      </div>
      <p className="text-ink-2">
        {cluster ? t("lead", { cluster: cluster.name }) : t("leadAll")} {hasConsole ? `${t("leadConsole")} ` : ""}
        {cluster ? (
          <Link
            href="/audit"
            prefetch={false}
            className="underline underline-offset-2 max-sm:inline-block max-sm:py-2.5"
          >
            {t("allClusters")}
          </Link>
        ) : null}
      </p>
      <AuditFilters
        base={base}
        query={query}
        people={[...new Set(attempts.map(({ opened }) => opened.by))].sort()}
        clusters={cluster ? null : clusters}
        hasConsole={hasConsole}
      />
      {unread.map(({ end, value }) => (
        <p key={end} role="alert" className="mt-2 border-l-4 border-l-amber bg-amber-panel px-2 py-1">
          {t("unread", { end: t(`filter.${end}`), value })}
        </p>
      ))}
      <div className="flex flex-wrap items-center gap-x-4 pt-1 text-sm text-ink-2">
        <span role="status" className="inline-flex min-h-8 items-center">
          {t("shown", { n: attempts.length })}
        </span>
        <Export query={query} mayExport={mayExport} />
      </div>
      {query.run ? (
        <p className="pt-2">
          {t("ofRun", { run: query.run })}{" "}
          <Link href={base} prefetch={false} className={TURN}>
            {t("showAll")}
          </Link>
        </p>
      ) : null}
      {attempts.length === 0 ? (
        <div className="py-8">
          <p className="font-semibold">{isFiltered ? t("noneMatch") : t(cluster ? "empty.what" : "empty.whatAll")}</p>
          {isFiltered ? null : <p className="text-ink-2">{t("empty.next")}</p>}
        </div>
      ) : null}
      {[...days].map(([day, entries]) => (
        <section key={day} aria-label={day}>
          <h2 className="pt-4 pb-1 text-base sm:pl-[7.5rem]">{day}</h2>
          <ol>
            {entries.map((attempt) => (
              <AttemptEntry
                key={attempt.id}
                attempt={attempt}
                personHref={hrefOf({ person: attempt.opened.by, before: undefined })}
                here={cluster}
                initiallyOpen={query.run !== undefined}
              />
            ))}
          </ol>
        </section>
      ))}
      {query.before !== undefined || next !== null ? (
        <nav aria-label={t("pages")} className="flex gap-6 pt-4 sm:pl-[7.5rem]">
          {query.before === undefined ? null : (
            <Link href={hrefOf({ before: undefined })} prefetch={false} className={TURN}>
              {t("newest")}
            </Link>
          )}
          {next === null ? null : (
            <Link href={hrefOf({ before: next })} prefetch={false} className={TURN}>
              {t("older")}
            </Link>
          )}
        </nav>
      ) : null}
    </div>
  );
}

const TURN = "inline-flex min-h-8 items-center underline underline-offset-2 max-sm:min-h-11 max-sm:min-w-11";

function Export({ query, mayExport }: { query: AuditQuery; mayExport: boolean }) {
  const t = useTranslations("audit.export");
  if (!mayExport) return <span className="sm:ml-auto">{t("one")}</span>;
  const filters = { ...query, before: undefined };
  return (
    <span className="inline-flex items-center gap-x-3 sm:ml-auto">
      {t("label")}
      {(["csv", "json"] as const).map((format) => (
        // A download, which is no page to go to.
        <a key={format} href={`/api/audit/export${searchOf({ ...filters, format })}`} download className={TURN}>
          {t(format)}
        </a>
      ))}
    </span>
  );
}
