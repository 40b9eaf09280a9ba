"use client";

import { useTranslations } from "next-intl";
import type { Plan } from "@/lib/lifecycle/schema";
import { CopyButton } from "./copy-button";
import { usePlanWords } from "./plan-words";

/** Exactly what is sent, and the same as a command (ux G-3). Secrets are no part of the plan, so none can appear. */
export function PlanRequest({ plan }: { plan: Plan }) {
  const t = useTranslations("plan.request");
  const words = usePlanWords();
  const { requests, commandLine } = plan;
  const text = requests.map(inText).join("\n\n");
  return (
    <section aria-labelledby="plan-request">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line-strong pb-1.5">
        <h2 id="plan-request" className="text-lg">
          {t("title")}
        </h2>
        {requests.length > 0 ? (
          <span className="flex flex-wrap gap-2 sm:ml-auto">
            <CopyButton text={() => text}>{t("copyRequest")}</CopyButton>
            {commandLine ? <CopyButton text={() => commandLine}>{t("copyCommand")}</CopyButton> : null}
          </span>
        ) : null}
      </div>
      {requests.length > 0 ? <RequestText plan={plan} /> : <p className="py-2 text-ink-2">{t("none")}</p>}
      <p className="mt-2 text-sm text-ink-2">{words.sentTo(plan)}</p>
    </section>
  );
}

const inText = ({ method, path, body }: Plan["requests"][number]): string => `${method} ${path}\n\n${body}`;

export function RequestText({ plan }: { plan: Plan }) {
  const t = useTranslations("plan.request");
  const { requests, commandLine } = plan;
  return (
    <div className="mt-2 space-y-2 text-sm" translate="no">
      <pre
        tabIndex={0}
        aria-label={t("title")}
        className="max-h-72 overflow-auto rounded-[3px] border bg-sunken px-3 py-2 font-mono leading-snug whitespace-pre-wrap"
      >
        {requests.map((request, at) => (
          <span key={`${request.agent} ${request.path}`}>
            {at > 0 ? "\n\n" : null}
            <span className="font-semibold">
              {request.method} {request.path}
            </span>
            {requests.length > 1 ? `  → ${request.agent}` : null}
            {"\n\n"}
            {request.body}
          </span>
        ))}
      </pre>
      {commandLine ? (
        <pre
          tabIndex={0}
          aria-label={t("command")}
          className="max-h-28 overflow-auto rounded-[3px] border bg-sunken px-3 py-2 font-mono leading-snug whitespace-pre-wrap"
        >
          $ {commandLine}
        </pre>
      ) : requests.length > 0 ? (
        <p className="text-ink-2" translate="yes">
          {t("noCommand")}
        </p>
      ) : null}
    </div>
  );
}
