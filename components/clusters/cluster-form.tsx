"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import type { ClusterDraft, TestStep } from "@/lib/clusters/schema";
import type { Failure, Result } from "@/lib/errors";
import { ClusterFields } from "./cluster-fields";
import { ConnectionTest } from "./connection-test";
import { useClusterForm, type FormValues, type KeptSecrets } from "./use-cluster-form";

type Saving = { step: "idle" | "sending" | "saved" } | { step: "failed"; failure: Failure };

/** Adds or changes a cluster. What was typed stays through every refusal; the password alone goes once it is stored. */
export function ClusterForm({
  initial,
  isNew,
  kept,
  save,
  test,
}: {
  initial: FormValues;
  isNew: boolean;
  kept: KeptSecrets;
  /** null: it comes from the configuration file, so it can be tested and not changed. */
  save: ((draft: ClusterDraft & { clusterId: string }) => Promise<Result<{ clusterId: string }>>) | null;
  test: (draft: ClusterDraft & { clusterId: string; testId: string }) => Promise<Result<TestStep[]>>;
}) {
  const t = useTranslations("clusters.form");
  const router = useRouter();
  const form = useClusterForm(initial, { isNew, kept });
  const [saving, setSaving] = useState<Saving>({ step: "idle" });
  const { values, toSave, toTest, draft } = form;
  const missing = toSave.map((what) => t(what));
  const isBlocked = missing.length > 0 || form.hasWrongAgents || saving.step === "sending";

  const refuse = (failure: Failure) => {
    form.tell(failure);
    setSaving({ step: "failed", failure });
  };
  const runTest = async (testId: string) => {
    const answer = await test({ ...draft(), clusterId: values.id, testId });
    if (!answer.ok) form.tell(answer.failure);
    return answer;
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBlocked || !save) return;
    setSaving({ step: "sending" });
    try {
      const answer = await save({ ...draft(), clusterId: values.id });
      if (!answer.ok) return refuse(answer.failure);
      form.set("password", "");
      form.set("key", "");
      setSaving({ step: "saved" });
      if (isNew) router.push(`/clusters/${answer.value.clusterId}`);
      else router.refresh();
    } catch {
      setSaving({ step: "failed", failure: { kind: "console-unreachable" } });
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} className="space-y-6" noValidate>
      <fieldset disabled={save === null}>
        <ClusterFields form={form} isNew={isNew} kept={kept} />
      </fieldset>
      <ConnectionTest
        isBlocked={toTest.length > 0 || form.hasWrongAgents}
        tested={JSON.stringify(draft())}
        run={runTest}
      />
      {saving.step === "failed" ? <FailureNote failure={saving.failure} /> : null}
      {save ? (
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" look="primary" blocked={isBlocked} aria-describedby="cluster-form-said">
            {saving.step === "sending"
              ? t("saving")
              : !isNew
                ? t("save")
                : values.name.trim() === ""
                  ? t("addPlain")
                  : t("add", { name: values.name.trim() })}
          </Button>
          <p id="cluster-form-said" role="status" className="text-sm text-ink-2">
            {missing.length > 0
              ? t("missing", { what: missing.join(", ") })
              : form.hasWrongAgents
                ? t("agentsFirst")
                : saving.step === "saved"
                  ? t("saved")
                  : ""}
          </p>
        </div>
      ) : null}
    </form>
  );
}
