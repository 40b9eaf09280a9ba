"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";

const SHOWN_MS = 2_000;

/** Copies the address with view, filter and open task; says so on the button itself. */
export function CopyLink() {
  const t = useTranslations("run.head");
  const [said, setSaid] = useState<"copied" | "copyByHand" | null>(null);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      setSaid("copied");
    } catch {
      setSaid("copyByHand"); // no permission, or an unencrypted origin
    }
  };
  return (
    <Button look="quiet" className="min-h-7! py-0.5! max-sm:min-h-11!" onClick={() => void copy()}>
      <span aria-live="polite">{t(said ?? "copyLink")}</span>
    </Button>
  );
}
