"use client";

import { useEffect, useState } from "react";

const SHOWN_MS = 2_000;

/** Copies a text, and tells for a moment how that went. */
export function useCopy(): { said: "copied" | "failed" | null; copy: (text: string) => Promise<void> } {
  const [said, setSaid] = useState<"copied" | "failed" | null>(null);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("copied");
    } catch {
      setSaid("failed"); // no permission, or an unencrypted origin
    }
  };
  return { said, copy };
}
