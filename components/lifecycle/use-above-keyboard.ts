"use client";

import { useEffect, useRef, type FocusEvent } from "react";

/** Until then a second tap may follow the first, and must find the same thing under the finger. */
const DOUBLE_TAP_MS = 400;

/**
 * Moves what is typed into, with its label, above the keyboard of a phone (ux M-4) once that is there. What is in sight
 * already stays where it is: a page that moves under the finger lets the next tap fall on something else.
 */
export function useAboveKeyboard(): (event: FocusEvent<HTMLElement>) => void {
  const leave = useRef<() => void>(() => undefined);
  useEffect(() => () => leave.current(), []);
  return ({ currentTarget }) => {
    leave.current();
    if (!window.matchMedia("(pointer: coarse)").matches) return;
    const block = currentTarget.closest("[data-field]") ?? currentTarget;
    const show = () => {
      if (!isInSight(block)) block.scrollIntoView({ block: "center" });
    };
    const timer = setTimeout(() => {
      show();
      window.visualViewport?.addEventListener("resize", show);
    }, DOUBLE_TAP_MS);
    leave.current = () => {
      clearTimeout(timer);
      window.visualViewport?.removeEventListener("resize", show);
    };
    currentTarget.addEventListener("blur", leave.current, { once: true });
  };
}

/** Neither beyond the screen that the keyboard leaves, nor under what sticks to its edges. */
function isInSight(block: Element): boolean {
  const { left, top, bottom } = block.getBoundingClientRect();
  const screen = window.visualViewport ?? { offsetTop: 0, height: window.innerHeight };
  if (top < screen.offsetTop || bottom > screen.offsetTop + screen.height) return false;
  return [top + 1, bottom - 1].every((y) => block.contains(document.elementFromPoint(left + 1, y)));
}
