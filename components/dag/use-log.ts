"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { isAppError, type Failure } from "@/lib/errors";
import { getJson } from "@/lib/get-json";
import type { TaskLog } from "@/lib/tasks/schema";
import { pollMs } from "./poll-ms";

const READ_MS = 2_000;
const OLDER_LINES = 500;

export interface LogView {
  /** Index of the first line that is loaded. */
  from: number;
  lines: readonly string[];
  loaded: boolean;
  failure: Failure | null;
  older: (() => Promise<void>) | null;
}

/** The end of a log first, then only what is new; older lines on demand (ux D-19, D-23). */
export function useLog(base: string, live: boolean): LogView {
  const [log, setLog] = useState<{ from: number; lines: readonly string[]; loaded: boolean }>({
    from: 0,
    lines: [],
    loaded: false,
  });
  const [failure, setFailure] = useState<Failure | null>(null);
  const end = log.from + log.lines.length;
  useQuery({
    // A task that has ended is read once more, for the lines of its last moment.
    queryKey: ["log", base, live],
    queryFn: async ({ signal }) => {
      try {
        const answer = await getJson<TaskLog>(log.loaded ? `${base}?from=${end}` : base, signal);
        setLog((known) => append(known, answer));
        setFailure(null);
      } catch (error) {
        if (signal.aborted) throw error;
        setFailure(isAppError(error) ? { kind: error.kind, ...error.facts } : { kind: "console-unreachable" });
      }
      return Date.now();
    },
    retry: false,
    networkMode: "always",
    gcTime: 0,
    notifyOnChangeProps: [],
    refetchIntervalInBackground: true,
    refetchInterval: () => (live || failure ? pollMs(READ_MS) : false),
  });
  const older = async () => {
    const answer = await getJson<TaskLog>(`${base}?from=${Math.max(0, log.from - OLDER_LINES)}`);
    setLog((known) => prepend(known, answer));
  };
  return { ...log, failure, older: log.from > 0 ? older : null };
}

interface Lines {
  from: number;
  lines: readonly string[];
  loaded: boolean;
}

function append(known: Lines, { from, lines }: TaskLog): Lines {
  if (!known.loaded) return { from, lines, loaded: true };
  const fresh = lines.slice(Math.max(0, known.from + known.lines.length - from));
  // A log that became shorter was begun again: a second attempt starts it anew.
  if (from > known.from + known.lines.length) return { from, lines, loaded: true };
  return fresh.length > 0 ? { ...known, lines: [...known.lines, ...fresh] } : known;
}

function prepend(known: Lines, { from, lines }: TaskLog): Lines {
  if (from >= known.from || from + lines.length < known.from) return known;
  return { ...known, from, lines: [...lines.slice(0, known.from - from), ...known.lines] };
}
