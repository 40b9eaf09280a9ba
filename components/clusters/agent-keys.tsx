"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { DAY_AND_MINUTE } from "@/components/ui/date-formats";
import { FailureNote } from "@/components/ui/failure-note";
import { Glyph, type Mark } from "@/components/ui/state-mark";
import type { AgentKey } from "@/lib/clusters/schema";
import type { Failure, Result } from "@/lib/errors";

const MARK: Record<AgentKey["state"], Mark> = { known: "done", new: "waiting", changed: "warning", silent: "unknown" };

type Accept = (what: {
  clusterId: string;
  keys: { address: string; fingerprint: string }[];
}) => Promise<Result<{ accepted: number }>>;

/** The agents' keys, changed ones first; those are refused until a person has accepted exactly what is shown. */
export function AgentKeys({
  clusterId,
  keys,
  accept,
}: {
  clusterId: string;
  keys: readonly AgentKey[];
  accept: Accept;
}) {
  const t = useTranslations("clusters.keys");
  const changed = keys.filter(({ state }) => state === "changed");
  return (
    <section className="space-y-2 border-t pt-4">
      <h2 className="text-lg">{t("title")}</h2>
      <p className="text-ink-2">{t("lead")}</p>
      {changed.length > 0 ? <ChangedKeys clusterId={clusterId} changed={changed} accept={accept} /> : null}
      <details>
        <summary className="min-h-6 py-1 max-sm:min-h-11">
          {t("list")} · {t("all", { n: keys.length, changed: changed.length })}
        </summary>
        <ul className="divide-y border-y">
          {keys.map((key) => (
            <KeyLine key={key.address} agent={key} />
          ))}
        </ul>
      </details>
    </section>
  );
}

function ChangedKeys({
  clusterId,
  changed,
  accept,
}: {
  clusterId: string;
  changed: readonly AgentKey[];
  accept: Accept;
}) {
  const t = useTranslations("clusters.keys");
  const router = useRouter();
  const [step, setStep] = useState<"closed" | "asking" | "sending">("closed");
  const [failure, setFailure] = useState<Failure | null>(null);
  const isLikeUpgrade = changed.every(({ known, shown }) => known?.bits === 512 && shown?.bits === 1024);
  const send = async () => {
    setStep("sending");
    const keys = changed.flatMap(({ address, shown }) => (shown ? [{ address, fingerprint: shown.fingerprint }] : []));
    const answer = await accept({ clusterId, keys }).catch(
      () => ({ ok: false, failure: { kind: "console-unreachable" } }) as const,
    );
    setStep("closed");
    setFailure(answer.ok ? null : answer.failure);
    router.refresh();
  };
  return (
    <Banner tone="decide">
      <p className="font-semibold">{t("changedTitle", { n: changed.length })}</p>
      <p>{t("changedWhy")}</p>
      {isLikeUpgrade ? <p>{t("looksLikeUpgrade")}</p> : null}
      <ul className="divide-y border-y">
        {changed.map((agent) => (
          <KeyLine key={agent.address} agent={agent} />
        ))}
      </ul>
      {failure ? <FailureNote failure={failure} /> : null}
      {step === "closed" ? (
        <Button onClick={() => setStep("asking")}>{t("accept", { n: changed.length })}…</Button>
      ) : (
        <div className="space-y-2">
          <p>{t("ask", { n: changed.length })}</p>
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => setStep("closed")}>{t("keep")}</Button>
            <Button look="primary" blocked={step === "sending"} onClick={() => void send()}>
              {step === "sending" ? t("accepting") : t("accept", { n: changed.length })}
            </Button>
          </div>
        </div>
      )}
    </Banner>
  );
}

function KeyLine({ agent: { address, state, known, shown } }: { agent: AgentKey }) {
  const t = useTranslations("clusters.keys");
  const format = useFormatter();
  const size = (bits: number | null) => (bits === null ? "" : t("bits", { bits }));
  return (
    <li className="grid items-start gap-x-4 py-1.5 md:grid-cols-[6.5rem_11rem_minmax(0,1fr)]">
      <span className="inline-flex items-center gap-1.5">
        <Glyph mark={MARK[state]} />
        {t(`state.${state}`)}
      </span>
      <span className="font-mono">{address}</span>
      <span className="min-w-0 text-sm">
        {known ? (
          <span className="block">
            {state === "changed" ? `${t("before")}: ` : ""}
            {size(known.bits)} <Fingerprint text={known.fingerprint} />{" "}
            {t("since", { time: format.dateTime(new Date(known.since), DAY_AND_MINUTE) })}
            {known.acceptedBy ? `, ${t("acceptedBy", { name: known.acceptedBy })}` : ""}
          </span>
        ) : null}
        {shown && state !== "known" ? (
          <span className="block">
            {state === "changed" ? `${t("now")}: ` : ""}
            {size(shown.bits)} <Fingerprint text={shown.fingerprint} />
          </span>
        ) : null}
      </span>
    </li>
  );
}

const Fingerprint = ({ text }: { text: string }) => (
  <code className="font-mono text-xs break-all select-all">{text.match(/.{1,8}/g)?.join(" ")}</code>
);
