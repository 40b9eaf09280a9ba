"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { formatDuration } from "@/components/ui/duration";
import { useMoment } from "@/components/ui/use-moment";

const LIVE_MS = 3_000;
const LATE_MS = 10_000;

export interface Freshness {
  /** Browser time (Date.now()) at which the facts on the screen were true; null before the first answer. */
  asOfMs: number | null;
  /** Browser time since which the console cannot be reached; null while it answers. */
  offlineSinceMs: number | null;
  paused?: boolean;
}

export type FreshnessState = "none" | "live" | "late" | "stale" | "offline" | "paused";

export function freshnessState({ asOfMs, offlineSinceMs, paused }: Freshness, nowMs: number): FreshnessState {
  if (paused) return "paused";
  if (offlineSinceMs !== null) return "offline";
  if (asOfMs === null) return "none";
  const ageMs = nowMs - asOfMs;
  return ageMs <= LIVE_MS ? "live" : ageMs <= LATE_MS ? "late" : "stale";
}

/** The browser's time, renewed each second; the same for server and first paint, so that hydration agrees. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    const tick = () => setNow(Date.now());
    const first = setTimeout(tick);
    const timer = setInterval(tick, everyMs);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}

const GLYPHS: Record<FreshnessState, string> = {
  none: "○",
  live: "●",
  late: "◔",
  stale: "▲",
  offline: "✕",
  paused: "‖",
};

/** One badge everywhere (ux L-5): how old what you see is, and the way to newer. Not a live region: ages are not spoken. */
export function FreshnessBadge({
  freshness,
  runGoing = false,
  onRetry,
  onResume,
}: {
  freshness: Freshness;
  runGoing?: boolean;
  onRetry?: () => void;
  onResume?: () => void;
}) {
  const t = useTranslations("common.fresh");
  const moment = useMoment();
  const now = useNow();
  const state =
    now === 0 && freshness.asOfMs !== null && freshness.offlineSinceMs === null
      ? "live"
      : freshnessState(freshness, now);
  const age = formatDuration(freshness.asOfMs === null || now === 0 ? 0 : now - freshness.asOfMs);
  const text = {
    none: () => t("none"),
    live: () => t("live", { age }),
    late: () => t("late", { age }),
    stale: () => t("stale", { age, time: moment(freshness.asOfMs ?? 0) }),
    offline: () => t(runGoing ? "offline" : "offlineIdle", { time: moment(freshness.offlineSinceMs ?? 0) }),
    paused: () => t("paused"),
  }[state]();
  const bad = state === "stale" || state === "offline";
  const act = state === "paused" ? onResume : bad ? onRetry : undefined;
  return (
    <span
      data-freshness={state}
      className={`inline-flex items-center gap-1.5 whitespace-nowrap text-sm ${bad ? "font-semibold text-amber" : "text-ink-2"}`}
    >
      <span className="sr-only">{t("label")}: </span>
      <span aria-hidden="true" className={state === "live" ? "text-done" : ""}>
        {GLYPHS[state]}
      </span>
      <span className={bad ? "whitespace-normal" : ""}>{text}</span>
      {act ? (
        <button
          type="button"
          onClick={act}
          className="min-h-6 rounded-[3px] px-1 underline underline-offset-2 max-sm:min-h-11 max-sm:min-w-11"
        >
          {t(state === "paused" ? "resume" : "retry")}
        </button>
      ) : null}
    </span>
  );
}
