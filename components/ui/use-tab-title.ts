"use client";

import { useEffect } from "react";

/** The title of the tab while the page stands (ux S-1, D-24); null leaves it alone. The one before comes back on leaving. */
export function useTabTitle(title: string | null): void {
  useEffect(() => {
    if (title === null) return;
    const before = document.title;
    // The browser gives it back with one space for several: told apart by that, it would be written for ever.
    const wanted = title.replace(/[\t\n\f\r ]+/g, " ").trim();
    const set = () => {
      if (document.title !== wanted) document.title = wanted;
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
