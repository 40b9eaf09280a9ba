"use client";

import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { isAppError, type Failure } from "@/lib/errors";
import { getFromAgent } from "@/lib/get-json";
import type { TaskLog } from "@/lib/tasks/schema";
import { EMPTY_LOG, type Lines, withNew, withOlder } from "./log-text";

const READ_MS = 2_000;
/** The agent sends all of a log each time, so a long one is asked for more rarely. */
const LONG_READ_MS = 5_000;
const LONG_LINES = 20_000;
const OLDER_LINES = 2_000;
const ALL_STEP_LINES = 25_000;

export interface LogView extends Lines {
  failure: Failure | null;
  /** Reads the lines before the first; null when there are none. */
  older: (() => void) | null;
  /** Reads every older line, for a search through all of them; null when they are there. */
  all: (() => void) | null;
  readingOlder: boolean;
}

/** The end of a log first, then only what is new; older lines on demand (ux D-19, D-23). */
export function useLog(base: string, live: boolean): LogView {
  const [log, setLog] = useState<Lines>(EMPTY_LOG);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [readingOlder, setReadingOlder] = useState(false);
  const reading = useRef(false);
  const end = log.from + log.lines.length;
  const told = (error: unknown) =>
    setFailure(isAppError(error) ? { kind: error.kind, ...error.facts } : { kind: "console-unreachable" });
  useQuery({
    // A task that has ended is read once more, for the lines of its last moment.
    queryKey: ["log", base, live],
    queryFn: async ({ signal }) => {
      try {
        const answer = await getFromAgent<TaskLog>(log.loaded ? `${base}?from=${end}` : base, signal);
        setLog((known) => withNew(known, answer));
        setFailure(null);
      } catch (error) {
        if (signal.aborted) throw error;
        told(error);
      }
      return Date.now();
    },
    retry: false,
    networkMode: "always",
    gcTime: 0,
    notifyOnChangeProps: [],
    // A hidden tab follows no log; it catches up when it is seen again (ux L-3).
    refetchInterval: () => (live || failure ? (end > LONG_LINES ? LONG_READ_MS : READ_MS) : false),
  });

  const readOlder = async (lines: number, until: number) => {
    if (reading.current) return;
    reading.current = true;
    setReadingOlder(true);
    try {
      for (let to = log.from; to > until; to -= lines) {
        const answer = await getFromAgent<TaskLog>(`${base}?from=${Math.max(0, to - lines)}&to=${to}`);
        setLog((known) => withOlder(known, answer));
      }
    } catch (error) {
      told(error);
    } finally {
      reading.current = false;
      setReadingOlder(false);
    }
  };
  const more = log.from > 0;
  return {
    ...log,
    failure,
    older: more ? () => void readOlder(OLDER_LINES, log.from - 1) : null,
    all: more ? () => void readOlder(ALL_STEP_LINES, 0) : null,
    readingOlder,
  };
}
