"use client";

import { useEffect, useRef, type KeyboardEvent, type RefObject, type SyntheticEvent } from "react";

/** After this long a press of the destructive button is meant, and not the tail of a double click (ux C-4). */
const SETTLE_MS = 500;

/**
 * A native modal dialog that opens with its component: focus goes to `[data-first-focus]`, is trapped by the browser and
 * returned on close. While `locked`, neither Esc, nor a second Esc, nor the back gesture of a phone closes it (ux C-10).
 */
export function useModal(dialog: RefObject<HTMLDialogElement | null>, locked: boolean, onClosed: () => void) {
  const openedAt = useRef(Number.POSITIVE_INFINITY);
  /** Closed by us, because it is taken away or its effects run again: nobody has given anything up. */
  const isLeaving = useRef(false);

  useEffect(() => {
    const element = dialog.current;
    if (!element || element.open) return;
    element.showModal();
    element.querySelector<HTMLElement>("[data-first-focus]")?.focus({ preventScroll: true });
    openedAt.current = performance.now();
    return () => {
      isLeaving.current = true;
      if (element.open) element.close();
      isLeaving.current = false;
    };
  }, [dialog]);

  return {
    close: () => dialog.current?.close(),
    /** True once it has been open long enough for the destructive button to count. */
    isSettled: () => performance.now() - openedAt.current >= SETTLE_MS,
    onKeyDown: (event: KeyboardEvent) => {
      // Esc ends a composition of the input method first; a locked dialog ignores it.
      if (event.key === "Escape" && (locked || event.nativeEvent.isComposing)) event.preventDefault();
    },
    onCancel: (event: SyntheticEvent) => {
      if (locked) event.preventDefault();
    },
    onClose: () => {
      if (isLeaving.current || dialog.current?.open) return; // or the event of an earlier closing
      if (locked) dialog.current?.showModal();
      else onClosed();
    },
  };
}
