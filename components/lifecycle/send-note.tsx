"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import { WholeList } from "@/components/ui/whole-list";
import type { Plan, PlanAction } from "@/lib/lifecycle/schema";
import { shortRun, usePlanWords } from "./plan-words";
import type { Sending } from "./use-send";

/** What became of the confirmation, on top of the dialog: refused, not known, none, accepted (ux C-11, C-12). */
export function SendNote({
  clusterId,
  action,
  cancels,
  unheard,
  sending,
  onAgain,
}: {
  clusterId: string;
  action: PlanAction;
  /** The run that is cancelled before anything else is sent. */
  cancels: string | null;
  /** Agents that do not answer now. */
  unheard: Plan["unheard"];
  sending: Sending;
  onAgain: () => void;
}) {
  const t = useTranslations("plan.send");
  const words = usePlanWords();
  switch (sending.phase) {
    case "idle":
    case "operating":
      return null;
    case "sending":
      return cancels === null ? null : (
        <Banner tone="info" live>
          <p>{t("cancelling", { run: shortRun(cancels) })}</p>
        </Banner>
      );
    case "refused":
      return (
        <FailureNote failure={sending.failure}>
          {sending.failure.kind === "stop-in-progress" && sending.failure.params?.run !== undefined ? (
            <Link
              href={`/clusters/${clusterId}/runs/${sending.failure.params.run}`}
              prefetch={false}
              className="underline underline-offset-2 max-sm:inline-flex max-sm:min-h-11 max-sm:items-center"
            >
              {t("openRun")}
            </Link>
          ) : null}
        </FailureNote>
      );
    case "checking":
      return (
        <Banner tone="decide" live>
          <p className="font-semibold">{t("unknown", { kind: action })}</p>
          <p>{t("unknownDetail", { kind: action })}</p>
          {sending.since && sending.coordinator ? (
            <p className="text-sm">{t("since", { time: words.clock(sending.since), address: sending.coordinator })}</p>
          ) : null}
          {sending.silent.length > 0 ? (
            <div className="text-sm">
              <p>{t("silent", { list: words.shortList(words.agentsNamed({ unheard }, sending.silent)) })}</p>
              <WholeList items={words.agentsNamed({ unheard }, sending.silent)} />
            </div>
          ) : null}
          <p className="text-sm">{t("leave", { kind: action })}</p>
        </Banner>
      );
    case "none":
      return (
        <Banner tone="decide" live>
          <p className="font-semibold">{t("none", { kind: action, why: sending.why ?? "looked" })}</p>
          <p>{t("noneDetail")}</p>
          <Button onClick={onAgain}>{t("again")}</Button>
        </Banner>
      );
    case "lost":
      return (
        <Banner tone="decide" live>
          <p className="font-semibold">{t("lost")}</p>
          <p>{t("lostDetail")}</p>
          <Button onClick={onAgain}>{t("review")}</Button>
        </Banner>
      );
    case "accepted":
      return (
        <Banner tone="info" live>
          <p className="font-semibold">{t("accepted")}</p>
        </Banner>
      );
  }
}

export function RunsLink({ clusterId }: { clusterId: string }) {
  const t = useTranslations("plan.send");
  return (
    <Link
      href={`/clusters/${clusterId}/runs`}
      prefetch={false}
      className="inline-flex min-h-9 items-center justify-center rounded-[5px] border border-line-strong bg-panel px-3.5 py-1.5 font-medium hover:bg-sunken max-sm:min-h-11 max-sm:w-full"
    >
      {t("runs")}
    </Link>
  );
}
