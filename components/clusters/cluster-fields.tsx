"use client";

import { useTranslations } from "next-intl";
import { useId } from "react";
import { ENVIRONMENTS } from "@/lib/clusters/environment";
import { Check } from "./check";
import { Field, INPUT } from "./field";
import { TlsFields } from "./tls-fields";
import type { ClusterForm, KeptSecrets } from "./use-cluster-form";

const PLAIN_TEXT = { autoComplete: "off", autoCapitalize: "off", autoCorrect: "off", spellCheck: false } as const;

/** Everything that is typed about a cluster. */
export function ClusterFields({ form, isNew, kept }: { form: ClusterForm; isNew: boolean; kept: KeptSecrets }) {
  const t = useTranslations("clusters.form");
  const ids = useId();
  const { values, set, agents, unknown, badPort, isIdWrong, isPasswordAsked } = form;
  const named = (name: string) => ({ id: `${ids}${name}`, "aria-describedby": `${ids}${name}-hint` });
  return (
    <div className="space-y-4">
      <Field id={`${ids}name`} label={t("name")} hint={t("nameHint")}>
        <input
          {...named("name")}
          {...PLAIN_TEXT}
          value={values.name}
          maxLength={64}
          placeholder={t("nameExample")}
          onChange={(event) => set("name", event.currentTarget.value)}
          className={INPUT}
        />
      </Field>
      <Field id={`${ids}id`} label={t("id")} hint={t("idHint")} problem={isIdWrong ? t("idWrong") : null}>
        <input
          {...named("id")}
          {...PLAIN_TEXT}
          value={values.id}
          maxLength={63}
          readOnly={!isNew}
          aria-invalid={isIdWrong || undefined}
          onChange={(event) => set("id", event.currentTarget.value)}
          className={`${INPUT} font-mono ${isNew ? "" : "opacity-70"}`}
        />
      </Field>
      <Field id={`${ids}environment`} label={t("environment")} hint={t("environmentHint")}>
        <select
          {...named("environment")}
          value={values.environment}
          onChange={(event) =>
            set("environment", ENVIRONMENTS.find((one) => one === event.target.value) ?? "UNLABELLED")
          }
          className={INPUT}
        >
          {ENVIRONMENTS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </Field>
      <Field
        id={`${ids}agents`}
        label={t("agents")}
        hint={t("agentsHint")}
        problem={
          form.hasWrongAgents
            ? [
                ...(unknown.length > 0 ? [t("agentsUnknown", { list: unknown.join(", ") })] : []),
                ...(badPort.length > 0 ? [t("agentsPort", { list: badPort.join(", ") })] : []),
              ].join(" ")
            : agents.length > 0
              ? t("agentsCount", { n: agents.length })
              : null
        }
      >
        <textarea
          {...named("agents")}
          {...PLAIN_TEXT}
          rows={3}
          value={values.agents}
          placeholder={t("agentsExample")}
          aria-invalid={form.hasWrongAgents || undefined}
          onChange={(event) => set("agents", event.currentTarget.value)}
          className={`${INPUT} font-mono`}
        />
      </Field>
      <Field
        id={`${ids}password`}
        label={t("password")}
        hint={isNew ? t("passwordNew") : t(kept.password ? "passwordKeep" : "passwordLost")}
        problem={isPasswordAsked ? t("passwordAsked") : null}
      >
        <input
          {...named("password")}
          type="password"
          autoComplete="new-password"
          maxLength={256}
          value={values.password}
          aria-invalid={isPasswordAsked || undefined}
          onChange={(event) => set("password", event.currentTarget.value)}
          className={INPUT}
        />
      </Field>
      <TlsFields form={form} kept={kept} />
      <Check
        label={t("twoPerson")}
        hint={t("twoPersonHint")}
        isOn={values.twoPerson}
        onChange={(isOn) => set("twoPerson", isOn)}
      />
    </div>
  );
}
