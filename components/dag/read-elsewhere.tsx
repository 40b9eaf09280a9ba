"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import type { Offer } from "@/lib/tasks/schema";
import { useClockTime } from "./use-clock-time";

/** Agents that are gone are given up after about this long. */
const ANSWERS_MS = 6_000;

/** Asks every other agent at once, instead of two at a time when it is time to (ux §11, check 17). */
export function ReadElsewhere({ offer, onLook }: { offer: Offer; onLook: () => void }) {
  const t = useTranslations("run.offer.read-elsewhere");
  const clock = useClockTime();
  const [askedMs, setAskedMs] = useState<number | null>(null);
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    if (askedMs === null) return;
    const timer = setTimeout(() => setIsOver(true), ANSWERS_MS);
    return () => clearTimeout(timer);
  }, [askedMs]);
  const ask = () => {
    setIsOver(false);
    setAskedMs(Date.now());
    onLook();
  };
  return (
    <div className="space-y-0.5">
      <Button look="primary" onClick={ask}>
        {t("label")}
      </Button>
      <p className="text-sm text-ink-2">{t("note", { n: offer.touches.length })}</p>
      <p role="status" className="text-sm">
        {askedMs === null ? null : isOver ? t("asked", { time: clock(askedMs) }) : t("asking")}
      </p>
    </div>
  );
}
