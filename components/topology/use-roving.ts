"use client";

import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from "react";

/** One tab stop for a whole list: which of its keys has it, and focus that follows once that element is drawn (ux B-1). */
export function useRoving(
  root: RefObject<HTMLElement | null>,
  first: string | undefined,
  has: (key: string) => boolean,
) {
  const [chosen, setChosen] = useState<string>();
  const wanted = useRef<string>(null);
  const active = chosen !== undefined && has(chosen) ? chosen : first;

  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const element = root.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(wanted.current)}"]`);
    if (!element) return;
    element.focus({ preventScroll: true });
    wanted.current = null;
  });

  const activate = useCallback((key: string, focus: boolean) => {
    setChosen(key);
    if (focus) wanted.current = key;
  }, []);
  return { active, activate };
}
