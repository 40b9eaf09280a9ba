"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { useCopy } from "@/components/ui/use-copy";

/** Copies a text and says so on itself. */
export function CopyButton({ text, children }: { text: () => string; children: ReactNode }) {
  const t = useTranslations("common");
  const failed = useTranslations("plan.targets");
  const { said, copy } = useCopy();
  return (
    <Button
      look="plain"
      className="min-h-7! px-2.5! py-0.5! text-sm max-sm:min-h-11!"
      onClick={() => void copy(text())}
    >
      <span aria-live="polite">
        {said === null ? children : said === "copied" ? t("copied") : failed("copyFailed")}
      </span>
    </Button>
  );
}
