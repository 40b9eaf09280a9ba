"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import type { TestStep } from "@/lib/clusters/schema";
import type { Result } from "@/lib/errors";
import { TestStepLine } from "./test-step-line";
import { useConnectionTest } from "./use-connection-test";

/** The checklist of a connection: every step with what was found and, where something is wrong, what to do. */
export function ConnectionTest({
  isBlocked,
  tested,
  run,
}: {
  isBlocked: boolean;
  /** What stands in the fields: a result of other values is marked as one. */
  tested: string;
  run: (testId: string) => Promise<Result<TestStep[]>>;
}) {
  const t = useTranslations("clusters.test");
  const { steps, isGoing, failure, start } = useConnectionTest(run);
  const [testedThen, setTestedThen] = useState(tested);
  const isOld = testedThen !== tested && (steps.length > 0 || failure !== null);
  const begin = () => {
    setTestedThen(tested);
    void start();
  };
  const failed = steps.filter(({ state }) => state === "failed").length;
  const warned = steps.filter(({ state }) => state === "warn").length;
  const verdict =
    isOld && !isGoing
      ? t("old")
      : steps.length === 0 || isGoing
        ? ""
        : failed > 0
          ? t("fails", { n: failed })
          : warned > 0
            ? t("warns", { n: warned })
            : t("works");
  return (
    <section className="space-y-2 border-y py-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="text-lg">{t("title")}</h2>
        <Button blocked={isBlocked || isGoing} onClick={begin}>
          {isGoing ? t("running") : t(steps.length > 0 ? "again" : "run")}
        </Button>
        <p role="status" className="font-medium">
          {verdict}
        </p>
      </div>
      <p className="text-sm text-ink-2">{t("lead")}</p>
      {failure && !isOld ? <FailureNote failure={failure} /> : null}
      {steps.length > 0 ? (
        <ol className={`divide-y border-t ${isOld ? "opacity-50" : ""}`}>
          {steps.map((step) => (
            <TestStepLine key={step.id} step={step} />
          ))}
        </ol>
      ) : null}
    </section>
  );
}
