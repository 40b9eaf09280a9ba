"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import type { Attempt } from "@/lib/audit/schema";
import { isSending } from "./actions";
import { isAboutRun } from "./planned";
import { Timeline } from "./timeline";
import { useAttemptWords } from "./use-attempt-words";
import { useOperationWords } from "./use-operation-words";
import { pretty, useIncidentNote } from "./use-incident-note";

/** Everything else that was written down: full target list, checks, the request without secrets, each step. */
export function AttemptDetails({ attempt, initiallyOpen }: { attempt: Attempt; initiallyOpen: boolean }) {
  const t = useTranslations("audit");
  const words = useAttemptWords();
  const sayParts = useOperationWords();
  const [isOpen, setOpen] = useState(initiallyOpen);
  // It may have been opened before the page took over from the server's text.
  const noticeOpen = useCallback((element: HTMLDetailsElement | null) => {
    if (element?.open) setOpen(true);
  }, []);
  const { detail } = attempt.opened;
  const cluster = attempt.opened.cluster?.id ?? "";
  const isOnRun = isAboutRun(attempt.opened);
  return (
    <details ref={noticeOpen} open={isOpen} className="sm:mt-0" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit text-sm text-ink-2 max-sm:min-h-11 max-sm:py-2.5 sm:absolute sm:top-2.5 sm:right-0">
        {t("label.details")}
      </summary>
      {isOpen ? (
        <div className="mt-1 mb-2 space-y-2">
          <dl className="text-sm">
            <Line name={t("timeline.label")}>
              <Timeline attempt={attempt} />
            </Line>
            {detail.targets ? (
              <Line name={`${t("label.targets")} (${detail.targets.length})`}>
                <span className="flex max-h-40 flex-wrap gap-x-4 overflow-y-auto font-mono" tabIndex={0}>
                  {detail.targets.map((address) => (
                    <span key={address}>{address}</span>
                  ))}
                </span>
              </Line>
            ) : null}
            {detail.outOfReach ? (
              <Line name={t("label.outOfReach")}>
                <span className="font-mono">{detail.outOfReach.join("  ")}</span>
              </Line>
            ) : null}
            {isSending(attempt.opened.action) || detail.reason ? (
              <Line name={t("label.reason")}>{detail.reason || t("label.noReason")}</Line>
            ) : null}
            {detail.continues ? (
              <Line name={t(isOnRun ? "label.run" : "label.continues")}>
                <RunLinks clusterId={cluster} runs={[detail.continues]} />
              </Line>
            ) : null}
            {detail.releases ? (
              <Line name={t("label.releases")}>
                <RunLinks clusterId={cluster} runs={detail.releases} />
              </Line>
            ) : null}
            {isOnRun && detail.text ? <Line name={t("label.parts")}>{sayParts(detail.text)}</Line> : null}
            {detail.checks ? <Line name={t("label.checks")}>{words.checks(attempt)}</Line> : null}
            {detail.coordinator ? (
              <Line name={t("label.coordinator")}>
                <span className="font-mono">{detail.coordinator}</span>
              </Line>
            ) : null}
            {detail.request ? (
              <Line name={t("label.request")}>
                <pre
                  tabIndex={0}
                  translate="no"
                  className="max-h-56 overflow-auto rounded-[3px] border bg-sunken px-2.5 py-1.5 font-mono leading-snug whitespace-pre-wrap"
                >
                  {`${detail.request.method} ${detail.request.path}\n\n${pretty(detail.request.body)}`}
                </pre>
              </Line>
            ) : null}
            {detail.fingerprint ? (
              <Line name={t("label.fingerprint")}>
                <span className="font-mono text-ink-2">{detail.fingerprint}</span>
              </Line>
            ) : null}
            <Line name={t("label.attempt")}>
              <span className="font-mono text-ink-2">{attempt.id}</span>
            </Line>
          </dl>
          <CopyNote attempt={attempt} />
        </div>
      ) : null}
    </details>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-3 border-t py-1 max-sm:grid-cols-1">
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

/** To the run itself; what else was done about it stands on its page. */
function RunLinks({ clusterId, runs }: { clusterId: string; runs: readonly string[] }) {
  return runs.map((run) => (
    <Link
      key={run}
      href={`/clusters/${clusterId}/runs/${run}`}
      prefetch={false}
      className="mr-4 inline-flex min-h-6 items-center font-mono break-all underline underline-offset-2 max-sm:min-h-11"
    >
      {run}
    </Link>
  ));
}

function CopyNote({ attempt }: { attempt: Attempt }) {
  const t = useTranslations("audit");
  const note = useIncidentNote();
  const [said, setSaid] = useState<"copied" | "copyFailed" | null>(null);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(null), 2_000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(note(attempt));
      setSaid("copied");
    } catch {
      setSaid("copyFailed"); // no permission, or an unencrypted origin
    }
  };
  return (
    <Button className="min-h-7! px-2.5! py-0.5! text-sm max-sm:min-h-11!" onClick={() => void copy()}>
      <span aria-live="polite">{t(said ?? "copyNote")}</span>
    </Button>
  );
}
