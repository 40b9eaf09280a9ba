"use client";

import { useMemo } from "react";
import type { RunTask } from "@/lib/tasks/schema";
import { markOf } from "./task-look";
import { useRowsVersion, useRunStore } from "./use-run";

export interface FailedTask {
  task: RunTask;
  /** Agent address; empty for the coordinator. */
  who: string;
}

/** Failed tasks in stage and address order: what `n` and `p` walk (ux D-16). */
export function useFailures(): readonly FailedTask[] {
  const store = useRunStore();
  const version = useRowsVersion();
  return useMemo(() => {
    const failed: (FailedTask & { place: number })[] = [];
    for (const row of store.rows().values())
      for (const task of row.tasks.values())
        if (markOf(task) === "failed") failed.push({ task, who: row.agent, place: row.place });
    return failed.sort((a, b) => a.task.stage - b.task.stage || a.place - b.place);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for the rows
  }, [store, version]);
}
