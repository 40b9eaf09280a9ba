"use client";

import { useEffect, useState } from "react";

/** Whether facts of this browser time are older than a limit; draws again only when the answer changes. */
export function useIsOld(asOfMs: number | null, limitMs: number): boolean {
  const [oldAsOf, setOldAsOf] = useState<number | null>(null);
  useEffect(() => {
    if (asOfMs === null) return;
    const timer = setTimeout(() => setOldAsOf(asOfMs), Math.max(0, asOfMs + limitMs - Date.now()));
    return () => clearTimeout(timer);
  }, [asOfMs, limitMs]);
  return asOfMs !== null && oldAsOf === asOfMs;
}
