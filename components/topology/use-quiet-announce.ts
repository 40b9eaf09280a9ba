"use client";

import { useEffect, useRef } from "react";
import { useAnnounce } from "@/components/ui/announcer";

const QUIET_MS = 1_000;

/** Says the latest sentence after a second without a newer one, and not the one that the page began with (ux K-13). */
export function useQuietAnnounce(sentence: string): void {
  const announce = useAnnounce();
  const said = useRef(sentence);
  useEffect(() => {
    if (said.current === sentence) return;
    const timer = setTimeout(() => {
      said.current = sentence;
      announce(sentence);
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [sentence, announce]);
}
