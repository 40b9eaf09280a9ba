"use client";

import { useMemo } from "react";
import { durationOf } from "./task-look";
import { useRowsVersion, useRunStore } from "./use-run";

/** Ends of the duration bars, in seconds; few, so that bars seldom change their measure. */
const ENDS = [5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/** By stage: the full length of a duration bar, in milliseconds. */
export function useScales(stages: number): readonly number[] {
  const store = useRunStore();
  const version = useRowsVersion();
  return useMemo(() => {
    const longest = new Array<number>(stages).fill(0);
    const now = store.clock.now();
    for (const row of store.rows().values())
      for (const task of row.tasks.values()) {
        const took = durationOf(task, now) ?? 0;
        if (took > (longest[task.stage - 1] ?? Infinity)) longest[task.stage - 1] = took;
      }
    return longest.map((ms) => (ENDS.find((end) => end * 1_000 >= ms) ?? Math.ceil(ms / 1_000)) * 1_000);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for the rows
  }, [store, version, stages]);
}
