"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import { FILTER_STATES, NO_FILTER, type Filter } from "./filter";

export type View = "rows" | "tiles";
const QUIET_MS = 300;

/** Filter and view live in the address, so that a colleague sees the same list (ux R-1). Method and Force never do. */
export function useFilter() {
  const params = useSearchParams();
  const [filter, setFilter] = useState<Filter>(() => ({
    ...NO_FILTER,
    text: params.get("q") ?? "",
    state: FILTER_STATES.find((state) => state === params.get("state")) ?? "",
    zone: params.get("zone") ?? "",
  }));
  const [view, setView] = useState<View>(params.get("view") === "tiles" ? "tiles" : "rows");

  // What the address says already; it is not written again, however often this begins.
  const written = useRef({ filter, view });
  useEffect(() => {
    if (written.current.filter === filter && written.current.view === view) return;
    const timer = setTimeout(() => {
      written.current = { filter, view };
      const next = new URLSearchParams();
      if (filter.text.trim()) next.set("q", filter.text.trim());
      if (filter.state) next.set("state", filter.state);
      if (filter.zone) next.set("zone", filter.zone);
      if (view === "tiles") next.set("view", view);
      const query = next.toString();
      window.history.replaceState(null, "", query ? `?${query}` : window.location.pathname);
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [filter, view]);

  const change = useCallback((part: Partial<Filter>) => setFilter((before) => ({ ...before, ...part })), []);
  return { filter, change, view, setView };
}
