"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { Banner } from "@/components/ui/banner";
import { CopyButton } from "@/components/lifecycle/copy-button";

/** Shown once: each lets its owner in one time without the authenticator. */
export function BackupCodes({ codes, onStored }: { codes: readonly string[]; onStored: () => void }) {
  const t = useTranslations("account.settings.totp");
  return (
    <Banner tone="decide" live>
      <p className="font-semibold">{t("backupTitle")}</p>
      <p>{t("backupLead")}</p>
      <ul className="grid max-w-sm grid-cols-2 gap-x-6 gap-y-1 py-2 font-mono" translate="no">
        {codes.map((code) => (
          <li key={code} className="select-all">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-3">
        <CopyButton text={() => codes.join("\n")}>{t("backupCopy")}</CopyButton>
        <Button onClick={onStored}>{t("backupStored")}</Button>
      </div>
    </Banner>
  );
}
