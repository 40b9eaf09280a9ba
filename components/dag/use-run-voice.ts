"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { useAnnounce } from "@/components/ui/announcer";
import type { Run } from "@/lib/tasks/schema";
import { isOver } from "./headline";

const QUIET_MS = 5_000;

/**
 * What a screen reader hears: the first failure and an unknown result at once and one time each, everything else
 * merged into at most one message per 5 s (ux B-4). Nothing that ticks is spoken, and focus never moves (D-15).
 */
export function useRunVoice(run: Run | null, headline: string, failures: number): void {
  const t = useTranslations("run.voice");
  const announce = useAnnounce();
  const spoken = useRef<{ done: number; failed: boolean; state: string; over: boolean; at: number } | null>(null);
  useEffect(() => {
    if (!run) return;
    const { done, total } = run.counts;
    const now = { done, failed: failures > 0, state: run.state, over: isOver(run), at: Date.now() };
    const before = spoken.current;
    if (!before) {
      spoken.current = now; // what was so when the page opened is read, not announced
      return;
    }
    if ((now.failed && !before.failed) || (now.state === "UNKNOWN" && before.state !== "UNKNOWN")) {
      announce(now.failed && !before.failed ? t("firstFailure", { n: failures }) : headline, "assertive");
      spoken.current = now;
      return;
    }
    const news = now.over !== before.over || now.state !== before.state || done !== before.done;
    if (!news) return;
    const say = () => {
      announce(
        now.over !== before.over || now.state !== before.state
          ? headline
          : t("progress", { more: done - before.done, done, total }),
      );
      spoken.current = { ...now, at: Date.now() };
    };
    const timer = setTimeout(say, Math.max(0, before.at + QUIET_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [run, headline, failures, announce, t]);
}
