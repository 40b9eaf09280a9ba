"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useMemo } from "react";
import { useMoment } from "@/components/ui/use-moment";
import type { Attempt } from "@/lib/audit/schema";
import { shortRun } from "@/components/lifecycle/plan-words";
import { isSending } from "./actions";
import { endOf, testStepOf } from "./attempt-end";
import { plannedOf } from "./planned";

/** What was tried and how it ended, in the language of the page; the stored title is English and stays in the file. */
export function useAttemptWords() {
  const t = useTranslations("audit");
  const plan = useTranslations("plan");
  const common = useTranslations("common");
  const tests = useTranslations("clusters.test");
  const format = useFormatter();
  const moment = useMoment();
  return useMemo(() => {
    const what = ({ opened }: Attempt): string => {
      const { action } = opened;
      const cluster = opened.cluster?.name ?? t("by.console");
      if (action === "agent.trust-key") return t("what.trust", { cluster });
      if (action === "member.set-aside" || action === "member.take-back")
        return t(`what.${action}`, { cluster, server: opened.detail.targets?.[0] ?? "" });
      const what = planned(opened, cluster);
      if (isSending(action)) return what;
      if (action === "plan.check") return t("what.check", { what });
      if (action === "plan.cancel") return t("what.cancel", { what });
      return t(`what.${action}`, { cluster, what });
    };
    /** What its plan was for. */
    const planned = (opened: Attempt["opened"], cluster: string): string => {
      const { targets, method: by, continues } = opened.detail;
      const n = targets?.length ?? 0;
      const action = plannedOf(opened);
      if (action !== "cluster.stop")
        return t(`what.${action}`, { cluster, n, run: continues === undefined ? "none" : shortRun(continues) });
      if (!targets) return t("what.stopUnknown", { cluster });
      return t(by === "force" ? "what.stopForce" : "what.stop", { n, cluster });
    };
    const checkName = (id: string): string => {
      const key = `check.${id}.name` as Parameters<typeof plan>[0]; // safe: an id without a name is shown as it came
      return plan.has(key) ? plan(key) : id;
    };
    const checks = ({ opened }: Attempt): string => {
      const notFine = (opened.detail.checks ?? []).filter(({ level }) => level === "warn" || level === "block");
      if (notFine.length === 0) return t("checksFine");
      const level = (name: string) => plan(name === "block" ? "checks.level.block" : "checks.level.warn");
      return notFine
        .map((check) => t("checkLevel", { name: checkName(check.id), level: level(check.level) }))
        .join(" · ");
    };
    const tier = (value: number): string =>
      value === 1 || value === 2 || value === 3 ? t(`tier.${value}`) : String(value);
    const method = ({ opened }: Attempt): string =>
      opened.detail.method ? common(`method.${opened.detail.method}`) : t("noteEmpty");
    /** The entry stands under its day; what happened on another one says so. */
    const time = (at: string, day: string): string => moment(at, day);
    const day = (at: string): string =>
      format.dateTime(new Date(at), { year: "numeric", month: "long", day: "numeric", weekday: "long" });
    const by = (name: string): string => (name === "console" || name === "engine" ? t(`by.${name}`) : name);
    const end = (attempt: Attempt): string => {
      const ended = endOf(attempt);
      const step = ended === "testFailed" ? testStepOf(attempt.outcome?.kind) : null;
      return step ? t("end.testFailedAt", { step: tests(`step.${step}`) }) : t(`end.${ended}`);
    };
    return { what, checks, tier, method, time, day, by, end };
  }, [t, plan, common, tests, format, moment]);
}

/** `2026-11-23 11:00:12 UTC`, the same in every language and every time zone (ux A-4). */
export const utc = (at: string): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
