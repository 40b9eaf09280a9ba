"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { isOver } from "./headline";
import type { TaskMark } from "./task-look";
import { useRunStore } from "./use-run";

/** The word for a state. What still waits when the run is over was not begun and never will be. */
export function useTaskWord(): (mark: TaskMark) => string {
  const t = useTranslations("run");
  const word = useTranslations("common.task");
  const run = useRunStore().run(); // every row is renewed when the state of the run changes
  const over = run !== null && isOver(run);
  return useCallback((mark) => (over && mark === "waiting" ? t("notBegun") : word(mark)), [t, word, over]);
}
