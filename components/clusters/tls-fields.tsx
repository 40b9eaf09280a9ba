"use client";

import { useTranslations } from "next-intl";
import { useId } from "react";
import { Check } from "./check";
import { Field, INPUT } from "./field";
import type { ClusterForm, KeptSecrets } from "./use-cluster-form";

/** Certificates as PEM texts; shown only where the agents speak TLS. */
export function TlsFields({ form, kept }: { form: ClusterForm; kept: KeptSecrets }) {
  const t = useTranslations("clusters.form");
  const ids = useId();
  const { values, set } = form;
  return (
    <div className="space-y-3">
      <Check label={t("tls")} hint={t("tlsHint")} isOn={values.hasTls} onChange={(isOn) => set("hasTls", isOn)} />
      {values.hasTls
        ? (["ca", "cert", "key"] as const).map((name) => (
            <Field
              key={name}
              id={`${ids}${name}`}
              label={t(name)}
              hint={name === "key" && kept.tlsKey ? t("keyKeep") : undefined}
            >
              <textarea
                id={`${ids}${name}`}
                aria-describedby={`${ids}${name}-hint`}
                rows={3}
                value={values[name]}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => set(name, event.currentTarget.value)}
                className={`${INPUT} font-mono text-xs`}
              />
            </Field>
          ))
        : null}
    </div>
  );
}
