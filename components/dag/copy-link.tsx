"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { useCopy } from "@/components/ui/use-copy";

/** Copies the address with view, filter and open task; says so on the button itself. */
export function CopyLink() {
  const t = useTranslations("run.head");
  const { said, copy } = useCopy();
  return (
    <Button look="quiet" className="min-h-7! py-0.5! max-sm:min-h-11!" onClick={() => void copy(window.location.href)}>
      <span aria-live="polite">{t(said === null ? "copyLink" : said === "copied" ? "copied" : "copyByHand")}</span>
    </Button>
  );
}
