"use client";

import { useEffect } from "react";

/** The tab says what the page is about to do (ux S-1); the title before comes back on leaving. */
export function useTabTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = title;
    return () => {
      document.title = before;
    };
  }, [title]);
}
