"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";

const SHOWN_MS = 2_000;

/** Copies a text and says so on itself. */
export function CopyButton({ text, children }: { text: () => string; children: ReactNode }) {
  const t = useTranslations("common");
  const failed = useTranslations("plan.targets");
  const [said, setSaid] = useState<"copied" | "failed" | null>(null);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setSaid("copied");
    } catch {
      setSaid("failed"); // no permission, or an unencrypted origin
    }
  };
  return (
    <Button look="plain" className="min-h-7! px-2.5! py-0.5! text-sm max-sm:min-h-11!" onClick={() => void copy()}>
      <span aria-live="polite">
        {said === null ? children : said === "copied" ? t("copied") : failed("copyFailed")}
      </span>
    </Button>
  );
}
