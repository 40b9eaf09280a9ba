"use client";

import { useCallback, useEffect, useState } from "react";
import { isNameTyped } from "@/lib/clusters/typed-name";

const QUIET_MS = 1_000;

/**
 * The cluster name as typed (ux C-7): as an eye reads it, case-sensitive. What an input method is still
 * composing does not count. A mismatch is explained after blur or a second of quiet, not on each key.
 */
export function useTypedName(name: string) {
  const [typed, setTyped] = useState("");
  const [composing, setComposing] = useState(false);
  const [explained, setExplained] = useState(false);
  const matches = !composing && isNameTyped(typed, name);
  useEffect(() => {
    if (composing || matches || typed.trim() === "") return;
    const timer = setTimeout(() => setExplained(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [typed, composing, matches]);
  return {
    typed,
    matches,
    /** Has it typed once more. */
    clear: useCallback(() => setTyped(""), []),
    showMismatch: explained && !matches && !composing && typed.trim() !== "",
    field: {
      value: typed,
      onChange: (event: { currentTarget: HTMLInputElement }) => {
        setTyped(event.currentTarget.value);
        setExplained(false);
      },
      onCompositionStart: () => setComposing(true),
      onCompositionEnd: (event: { currentTarget: HTMLInputElement }) => {
        setComposing(false);
        setTyped(event.currentTarget.value);
      },
      onBlur: () => setExplained(true),
    },
  };
}
