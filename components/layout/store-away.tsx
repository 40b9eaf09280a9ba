"use client";

import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { Button } from "@/components/ui/button";

const ASK_EVERY_MS = 3_000;

/** In place of a page while the console's store is away. It asks on, and goes back by itself. */
export function StoreAway({ onBack }: { onBack: () => void }) {
  const t = useTranslations();
  useEffect(() => {
    const ask = () =>
      void fetch("/api/auth/who", { cache: "no-store" }).then(
        ({ ok }) => (ok ? onBack() : undefined),
        () => undefined,
      );
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [onBack]);
  return (
    <main className="mx-auto max-w-xl px-4 py-20" role="alert">
      <h1 className="text-2xl">{t("errors.store-unavailable.what")}</h1>
      <p className="mt-2">{t("errors.store-unavailable.next")}</p>
      <Button className="mt-6" onClick={onBack}>
        {t("common.crash.reload")}
      </Button>
    </main>
  );
}
