"use client";

import { useEffect, useRef } from "react";

const TYPING = "input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable=true]";

/**
 * Single-key shortcuts (ux §15). They do nothing in inputs, with a modifier, or while a dialog is open, and none of
 * them may stop, force, cancel or confirm anything (Y-1).
 */
export function useShortcuts(keys: Record<string, (event: KeyboardEvent) => void>): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
      if (event.target instanceof Element && event.target.closest(TYPING)) return;
      if (document.querySelector("dialog[open]")) return;
      current.current[event.key]?.(event);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
