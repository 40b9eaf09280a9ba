"use client";

import { useEffect } from "react";
import { MARKS, type Mark } from "@/components/ui/state-mark";
import { useTabTitle } from "@/components/ui/use-tab-title";

/** Tells the state to somebody who looks at another tab (ux D-24, D-25). Both are put back on leaving. */
export function useTabSignals(title: string | null, mark: Mark, progress: number): void {
  useTabTitle(title);

  const percent = Math.round(progress * 25) * 4; // steps that can be seen at 16 px
  useEffect(() => {
    if (title === null) return;
    const link = document.head.appendChild(document.createElement("link"));
    link.rel = "icon";
    link.type = "image/svg+xml";
    link.dataset["run"] = mark;
    link.href = `data:image/svg+xml,${encodeURIComponent(ringIcon(mark, percent))}`;
    return () => link.remove();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the words of the title do not change the picture
  }, [mark, percent, title === null]);
}

const INK: Partial<Record<Mark, string>> = { failed: "#e0321c", done: "#0a9b72", unknown: "#6b7486" };

/** A ring that fills while the run goes on; at the end its sign, readable without colour. */
function ringIcon(mark: Mark, percent: number): string {
  const ink = INK[mark] ?? "#3f6ef0";
  const length = 2 * Math.PI * 12;
  const going = mark === "running" || mark === "waiting";
  const sign = going
    ? ""
    : `<text x="16" y="22" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="18" fill="${ink}">${MARKS[mark].glyph}</text>`;
  const share = going ? percent / 100 : 1;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="12" fill="none" stroke="#9aa3b2" stroke-opacity=".45" stroke-width="5"/><circle cx="16" cy="16" r="12" fill="none" stroke="${ink}" stroke-width="5" stroke-dasharray="${length * share} ${length}" transform="rotate(-90 16 16)"/>${sign}</svg>`;
}
