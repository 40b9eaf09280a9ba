import { COORDINATOR, type Row } from "./run-store";
import { isAlarming, rankOf, TASK_MARKS, type TaskMark } from "./task-look";

export type Sort = "worst" | "zone";
export const OTHERS = "others";

export interface Group {
  /** `zone:NAME`, or `others` for agents that only take part. */
  key: string;
  zone: string;
  others: boolean;
  rows: string[];
  counts: Record<TaskMark, number>;
}

const noCounts = (): Record<TaskMark, number> => ({
  failed: 0,
  unknown: 0,
  stuck: 0,
  running: 0,
  waiting: 0,
  cancelled: 0,
  skipped: 0,
  done: 0,
});

/** Targets only: what the filter chips and the header count. */
export function countMarks(rows: Iterable<Row>): Record<TaskMark, number> {
  const counts = noCounts();
  for (const row of rows) if (row.target && row.agent !== COORDINATOR) counts[row.mark] += 1;
  return counts;
}

const worstFirst = (a: Row, b: Row): number =>
  rankOf(a.mark) - rankOf(b.mark) || (a.since === b.since ? 0 : a.since - b.since) || a.place - b.place;

/** Zones with bad news first, then by name; agents that only take part come last, in one group (ux D-4, D-7). */
export function groupRows(rows: Iterable<Row>, sort: Sort, filter: TaskMark | null): Group[] {
  const members = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.agent === COORDINATOR || (filter && row.mark !== filter)) continue;
    const key = row.target ? `zone:${row.zone}` : OTHERS;
    const list = members.get(key);
    if (list) list.push(row);
    else members.set(key, [row]);
  }
  const groups = [...members].map(([key, list]) => {
    list.sort(sort === "worst" ? worstFirst : (a, b) => a.place - b.place);
    const counts = noCounts();
    for (const row of list) counts[row.mark] += 1;
    const others = key === OTHERS;
    return { key, others, zone: others ? "" : (list[0]?.zone ?? ""), rows: list.map((row) => row.agent), counts };
  });
  const worst = (group: Group): number => {
    const mark = TASK_MARKS.find((one) => group.counts[one] > 0);
    return sort === "worst" && mark && isAlarming(mark) ? rankOf(mark) : rankOf("done");
  };
  return groups.sort(
    (a, b) => Number(a.others) - Number(b.others) || worst(a) - worst(b) || a.zone.localeCompare(b.zone, "en"),
  );
}

/** The rows of `next` in the places of `shown`: nothing that is on screen moves or goes, new rows come last (ux D-6). */
export function keepPlaces(shown: readonly Group[], next: readonly Group[]): Group[] {
  const incoming = new Map(next.map((group) => [group.key, group]));
  const kept = shown.map((group) => {
    const now = incoming.get(group.key);
    incoming.delete(group.key);
    if (!now) return group;
    const known = new Set(group.rows);
    return { ...now, rows: [...group.rows, ...now.rows.filter((agent) => !known.has(agent))] };
  });
  return [...kept, ...incoming.values()];
}

export const hasSamePlaces = (a: readonly Group[], b: readonly Group[]): boolean =>
  a.length === b.length &&
  a.every((group, at) => {
    const other = b[at];
    return (
      other?.key === group.key &&
      other.rows.length === group.rows.length &&
      group.rows.every((agent, place) => agent === other.rows[place])
    );
  });
