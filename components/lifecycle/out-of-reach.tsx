"use client";

import { useTranslations } from "next-intl";
import type { Impact } from "@/lib/lifecycle/schema";

/** Servers without an agent in the zones that are touched: what is sent does not reach them, so they stay as they are. */
export function OutOfReach({ impact: { outOfReach }, isStart = false }: { impact: Impact; isStart?: boolean }) {
  const t = useTranslations("plan");
  if (outOfReach.length === 0) return null;
  return (
    <span className="block">
      {t(isStart ? "outOfReachStart" : "outOfReach", { n: outOfReach.length })}{" "}
      <span translate="no" className="block max-h-28 overflow-y-auto font-mono text-sm" tabIndex={0}>
        {outOfReach.join("  ")}
      </span>
    </span>
  );
}
