"use client";

import { useTranslations } from "next-intl";
import { useAgentWords } from "@/components/ui/use-agent-words";
import type { Majority } from "@/lib/lifecycle/schema";

/** A verdict that rests on what was told last says of when that is, wherever it stands. */
export function LastTold({ majority, toldAt }: { majority: Majority; toldAt: string | null }) {
  const t = useTranslations("common.banner");
  const words = useAgentWords();
  if (toldAt === null || !majority.doubts.includes("old")) return null;
  return <span className="block text-sm">{t("lastTold", { time: words.time(toldAt) })}</span>;
}
