"use client";

import { useTranslations } from "next-intl";
import { StoreAway } from "@/components/layout/store-away";
import { Button } from "@/components/ui/button";
import { STORE_AWAY } from "@/lib/store-away";

export default function PageCrash({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const t = useTranslations("common.crash");
  if (error.digest === STORE_AWAY) return <StoreAway onBack={() => window.location.reload()} />;
  return (
    <div className="mx-auto max-w-xl px-4 py-20" role="alert">
      <h1 className="text-2xl">{t("title")}</h1>
      <p className="mt-2">{t("next")}</p>
      {error.digest ? <p className="mt-2 font-mono text-sm">{t("reference", { reference: error.digest })}</p> : null}
      <Button className="mt-6" onClick={reset}>
        {t("reload")}
      </Button>
    </div>
  );
}
