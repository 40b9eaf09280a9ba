"use client";

import { useEffect, useRef } from "react";

/** Gives `--stick` on the root: the height of the sticky header, which wraps as it likes (ux B-5). */
export function useStickyHeight() {
  const root = useRef<HTMLDivElement>(null);
  const header = useRef<HTMLElement>(null);
  useEffect(() => {
    const bar = header.current;
    if (!bar) return;
    const observer = new ResizeObserver(() => root.current?.style.setProperty("--stick", `${bar.offsetHeight}px`));
    observer.observe(bar);
    return () => observer.disconnect();
  }, []);
  return [root, header] as const;
}
