import type { TaskLog } from "@/lib/tasks/schema";

/** The loaded part of a log: without a gap, up to its last known line. */
export interface Lines {
  /** Number of the first loaded line, from 0. */
  from: number;
  lines: readonly string[];
  /** What `from` was at first: lines are drawn in blocks counted from here, so that older ones change no block. */
  origin: number;
  attempt: number;
  loaded: boolean;
}

export const EMPTY_LOG: Lines = { from: 0, lines: [], origin: 0, attempt: 0, loaded: false };

const endOf = ({ from, lines }: Lines): number => from + lines.length;

type Answer = Pick<TaskLog, "from" | "lines" | "total" | "attempt">;

/** What was known and what came after it. A log that is shorter in another attempt was begun anew. */
export function withNew(known: Lines, { from, lines, total, attempt }: Answer): Lines {
  if (!known.loaded) return { from, lines, origin: from, attempt, loaded: true };
  if (total < endOf(known) && attempt !== known.attempt) return EMPTY_LOG; // the next read begins at its end
  const fresh = lines.slice(Math.max(0, endOf(known) - from));
  if (from > endOf(known) || fresh.length === 0) return known;
  return { ...known, attempt, lines: [...known.lines, ...fresh] };
}

/** Older lines before those that are there; nothing when they do not join. */
export function withOlder(known: Lines, { from, lines }: Answer): Lines {
  if (from >= known.from || from + lines.length < known.from) return known;
  return { ...known, from, lines: [...lines.slice(0, known.from - from), ...known.lines] };
}

const ERROR_LINE = /\b(error|failed|failure|fatal|panic|err)\b/i;

export const isErrorLine = (line: string): boolean => ERROR_LINE.test(line);

/** Numbers of the lines that hold a text, whatever the case; none for an empty text. */
export function findLines({ from, lines }: Pick<Lines, "from" | "lines">, text: string): number[] {
  if (text === "") return [];
  const wanted = new RegExp(escaped(text), "iu");
  const found: number[] = [];
  lines.forEach((line, at) => {
    if (wanted.test(line)) found.push(from + at);
  });
  return found;
}

/** A line cut where it holds the text: every second part is a find. */
export const splitAt = (line: string, text: string): string[] =>
  text === "" ? [line] : line.split(new RegExp(`(${escaped(text)})`, "iu"));

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
