"use client";

import { useTranslations } from "next-intl";
import { CopyButton } from "@/components/lifecycle/copy-button";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";

/** A password that is shown this once, to be handed on. */
export function OneTimeNote({ name, password, onStored }: { name: string; password: string; onStored: () => void }) {
  const t = useTranslations("account.people");
  return (
    <Banner tone="decide" live>
      <p className="font-semibold">{t("oneTimeTitle", { name })}</p>
      <p className="py-1 font-mono text-lg select-all" translate="no">
        {password}
      </p>
      <p>{t("oneTimeLead", { name })}</p>
      <div className="flex flex-wrap gap-3 pt-1">
        <CopyButton text={() => password}>{t("oneTimeCopy")}</CopyButton>
        <Button onClick={onStored}>{t("oneTimeStored")}</Button>
      </div>
    </Banner>
  );
}
