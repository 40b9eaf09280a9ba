"use client";

import { useEffect } from "react";

/** The tab says what the page is about to do (ux S-1); the title before comes back on leaving. */
export function useTabTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    const set = () => {
      if (document.title !== title) document.title = title;
    };
    set();
    // The framework writes the page's own title again when the address or the language changes.
    const observer = new MutationObserver(set);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => {
      observer.disconnect();
      document.title = before;
    };
  }, [title]);
}
