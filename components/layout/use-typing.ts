"use client";

import { useEffect, useLayoutEffect } from "react";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Nothing that a person types is lost on the way into the page. A part that is streamed takes over what is its own. */
export function useTyping(): void {
  useTakeOver();
  useEffect(() => {
    document.addEventListener("click", giveCaret);
    return () => document.removeEventListener("click", giveCaret);
  }, []);
}

export const useTakeOver = (): void => useLayoutEffect(takeOver, []);

/**
 * On a slow line a person types before the page takes over from the server's text. The fields show it and the page does
 * not know of it, until its next paint writes the empty field over it: so it is told as if it were typed now.
 */
function takeOver(): void {
  const typed = [...document.querySelectorAll<Field>("input:read-write, textarea")]
    .filter((field) => field.value !== field.defaultValue)
    .map((field) => ({ field, value: field.value, from: field.selectionStart, to: field.selectionEnd }));
  // Not while React is at it, which would take the field back to what it knew before.
  queueMicrotask(() => {
    for (const { field, value, from, to } of typed) {
      field.value = field.defaultValue; // what React takes it to hold
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set?.call(field, value); // past React
      field.dispatchEvent(new Event("input", { bubbles: true }));
      if (from !== null && field === document.activeElement) field.setSelectionRange(from, to);
    }
  });
}

/**
 * The second half of a double tap does not give a caret: on an empty field the browser looks for a word to select, and on a
 * label it does nothing. Where the first half fell on something else, because the field took its place between the two,
 * nothing has the caret then and every key is lost.
 */
function giveCaret({ target, detail }: MouseEvent): void {
  if (detail < 2 || !(target instanceof Element)) return;
  const field = target.closest("label")?.control ?? target;
  const isText = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
  if (!isText || field.value !== "" || field.selectionStart === null) return;
  field.focus();
  field.setSelectionRange(0, 0);
}
