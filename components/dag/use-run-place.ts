"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback, useSyncExternalStore } from "react";
import type { Run } from "@/lib/tasks/schema";
import { isTaskMark, type TaskMark } from "./task-look";

export const VIEWS = ["matrix", "tiles", "graph", "list"] as const;
export type View = (typeof VIEWS)[number];

const REMEMBERED = "standdown.run-view";
const GRAPH_TASKS = 12;
const PHONE = "(max-width: 640px)";
const NARROW = "(max-width: 899px)";

export interface Place {
  view: View;
  task: string | null;
  filter: TaskMark | null;
  go(change: { view?: View; task?: string | null; filter?: TaskMark | null }): void;
}

const isView = (word: string | null): word is View => VIEWS.some((view) => view === word);

/** View, open task and filter: all in the address, so that a link shows the same to a colleague (ux R-1). */
export function useRunPlace(run: Run | null, phone: boolean): Place {
  const path = usePathname();
  const search = useSearchParams();
  const fallback = useDefaultView(run, phone);
  const asked = search.get("view");
  const filter = search.get("filter");
  const go = useCallback<Place["go"]>(
    (change) => {
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(change)) {
        if (value === null) next.delete(name);
        else next.set(name, value);
      }
      if (change.view) remember(change.view);
      const query = next.toString();
      window.history.replaceState(null, "", query ? `${path}?${query}` : path);
    },
    [path],
  );
  return {
    view: isView(asked) ? asked : fallback,
    task: search.get("task"),
    filter: filter && isTaskMark(filter) ? filter : null,
    go,
  };
}

/** Graph for a small run in a wide window, tiles on a phone, else the matrix; the reader's own choice before all (ux D-2). */
function useDefaultView(run: Run | null, phone: boolean): View {
  const small = run !== null && run.stages.every((stage) => stage.total <= GRAPH_TASKS);
  const here = () => {
    const saved = remembered();
    if (matchMedia(PHONE).matches) return saved === "list" ? saved : "tiles";
    const roomy = small && !matchMedia(NARROW).matches;
    if (saved && (saved !== "graph" || small)) return saved;
    return roomy ? "graph" : "matrix";
  };
  return useSyncExternalStore(subscribeWidth, here, () => (phone ? "tiles" : small ? "graph" : "matrix"));
}

function remembered(): View | null {
  try {
    const saved = localStorage.getItem(REMEMBERED);
    return isView(saved) ? saved : null;
  } catch {
    return null; // storage is off: the default view is good enough
  }
}

function remember(view: View): void {
  try {
    localStorage.setItem(REMEMBERED, view);
  } catch {
    // Only the memory of a view is lost.
  }
}

function subscribeWidth(listener: () => void): () => void {
  const queries = [matchMedia(PHONE), matchMedia(NARROW)];
  queries.forEach((query) => query.addEventListener("change", listener));
  return () => queries.forEach((query) => query.removeEventListener("change", listener));
}
