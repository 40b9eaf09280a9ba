"use client";

import { useState } from "react";

const drafts = new Map<string, string>();

/** What is typed about one matter, in this tab's memory: it is still there when its field goes and comes back. */
export function useDraft(matter: string): [text: string, keep: (text: string) => void] {
  const [text, setText] = useState(() => drafts.get(matter) ?? "");
  const keep = (next: string) => {
    if (next === "") drafts.delete(matter);
    else drafts.set(matter, next);
    setText(next);
  };
  return [text, keep];
}
