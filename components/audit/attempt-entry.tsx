"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { EnvironmentBadge } from "@/components/ui/environment-badge";
import { Glyph } from "@/components/ui/state-mark";
import type { Attempt } from "@/lib/audit/schema";
import type { ClusterCard } from "@/lib/clusters/schema";
import { AttemptDetails } from "./attempt-details";
import { END_MARK, endOf } from "./attempt-end";
import { isSending } from "./actions";
import { isAboutRun } from "./planned";
import { useAttemptWords, utc } from "./use-attempt-words";
import { useFactWords } from "./use-fact-words";

/** One line of the log: when, who, what, why and how it ended. */
export function AttemptEntry({
  attempt,
  personHref,
  here,
  initiallyOpen,
}: {
  attempt: Attempt;
  /** Everything else that this person did. */
  personHref: string;
  /** The cluster whose page this is; what it says already is not said again. */
  here: ClusterCard | null;
  initiallyOpen: boolean;
}) {
  const t = useTranslations("audit");
  const words = useAttemptWords();
  const say = useFactWords();
  const { opened, outcome } = attempt;
  const { detail, cluster } = opened;
  const end = endOf(attempt);
  const refusal = [outcome?.agentCode, outcome?.traceId ? `trace ${outcome.traceId}` : null];
  return (
    <li className="grid grid-cols-[6rem_1.5rem_minmax(0,1fr)] gap-x-3 max-sm:grid-cols-[1.5rem_minmax(0,1fr)]">
      <time
        dateTime={opened.at}
        title={utc(opened.at)}
        tabIndex={0}
        className="h-fit rounded-[3px] pt-2.5 text-right font-mono text-sm text-ink-2 max-sm:col-start-2 max-sm:text-left"
      >
        {words.time(opened.at, opened.at)}
      </time>
      <span className="relative flex justify-center border-line-strong pt-2.5 max-sm:row-span-2 max-sm:row-start-1">
        <span className="absolute inset-y-0 left-1/2 w-px -translate-x-1/2 bg-line-strong" aria-hidden="true" />
        <span className="relative h-fit bg-paper py-0.5">
          <Glyph mark={END_MARK[end]} />
        </span>
      </span>
      <div
        className={`relative min-w-0 border-b py-2 max-sm:col-start-2 ${detail.breakGlass ? "-ml-2 border-l-4 border-l-amber bg-amber-panel pl-2" : ""}`}
      >
        <p className="flex flex-wrap items-baseline gap-x-2.5 gap-y-1 sm:pr-20">
          <strong className="font-semibold">{words.what(attempt)}</strong>
          {cluster && cluster.environment !== here?.environment ? (
            <EnvironmentBadge environment={cluster.environment} />
          ) : null}
          <span>{words.end(attempt)}</span>
          {cluster && outcome?.runId ? (
            <Link
              href={`/clusters/${cluster.id}/runs/${outcome.runId}`}
              prefetch={false}
              className="underline underline-offset-2 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center"
            >
              {t("openRun")}
            </Link>
          ) : null}
        </p>
        <p className="text-sm text-ink-2">
          <Link
            href={personHref}
            prefetch={false}
            className="rounded-[3px] underline decoration-line-strong underline-offset-2 max-sm:min-w-11 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center"
          >
            {words.by(opened.by)}
          </Link>
          {!here && cluster ? <span translate="no"> · {cluster.id}</span> : null}
          {detail.method ? ` · ${words.method(attempt)}` : ""}
          {detail.tier === undefined ? "" : ` · ${t("label.tier")} ${words.tier(detail.tier)}`}
          {detail.approvedBy ? ` · ${t("approvedBy", { name: detail.approvedBy })}` : ""}
          {detail.imported ? ` · ${t("imported")}` : ""}
          {detail.breakGlass ? <strong className="font-semibold text-amber"> · {t("breakGlass")}</strong> : null}
          {detail.text && !isAboutRun(opened) ? ` · ${say.facts(opened.action, detail.text)}` : ""}
          {detail.reason ? (
            <>
              {" · "}
              <q className="text-ink">{detail.reason}</q>
            </>
          ) : null}
        </p>
        {(end === "refused" || end === "testFailed") && outcome ? (
          <p className="text-sm text-ink-2">
            {outcome.kind && end === "refused" ? `${say.code(outcome.kind)} ` : ""}
            <span className="font-mono" translate="no">
              {refusal.filter(Boolean).join(" · ")}
            </span>
          </p>
        ) : null}
        {end === "opened" && isSending(opened.action) ? (
          <p className="hatch mt-1 rounded-[3px] px-2 py-1">
            <span className="bg-paper px-1">{t("gap")}</span>
          </p>
        ) : null}
        <AttemptDetails attempt={attempt} initiallyOpen={initiallyOpen} />
      </div>
    </li>
  );
}
