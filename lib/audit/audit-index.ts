import { auditLineSchema, type Attempt, type AuditLine } from "./schema";

export interface AuditIndex {
  /** Takes a line as it stands in the file; one that cannot be read is counted. */
  read(text: string): void;
  add(line: AuditLine, bytes: number): void;
  attempts(clusterId: string): Attempt[];
  attemptOfRun(clusterId: string, runId: string): Attempt | null;
  unreadable(): number;
}

interface Kept {
  attempt: Attempt;
  bytes: number;
}

const runKey = (clusterId: string, runId: string) => `${clusterId} ${runId}`;

/** Attempts by id, in the order in which they were opened. Above the limit the oldest attempts go first, whole. */
export function createIndex(limit: { lines: number; bytes: number }): AuditIndex {
  const kept = new Map<string, Kept>();
  const idOfRun = new Map<string, string>();
  let lines = 0;
  let bytes = 0;
  let unreadable = 0;

  function forgetOldest(): void {
    for (const [id, old] of kept) {
      if ((lines <= limit.lines && bytes <= limit.bytes) || kept.size === 1) return;
      kept.delete(id);
      lines -= old.attempt.events.length;
      bytes -= old.bytes;
      const { opened, outcome } = old.attempt;
      if (outcome?.runId) idOfRun.delete(runKey(opened.cluster.id, outcome.runId));
    }
  }

  function add(line: AuditLine, size: number): void {
    const known = kept.get(line.id);
    const attempt = merge(known?.attempt, line);
    kept.set(line.id, { attempt, bytes: (known?.bytes ?? 0) + size });
    if (line.outcome?.runId) idOfRun.set(runKey(line.cluster.id, line.outcome.runId), line.id);
    lines += 1;
    bytes += size;
    forgetOldest();
  }

  return {
    read(text) {
      const line = parseLine(text);
      if (line) add(line, text.length);
      else unreadable += 1;
    },
    add,
    attempts: (clusterId) =>
      [...kept.values()]
        .map(({ attempt }) => attempt)
        .filter((attempt) => attempt.opened.cluster.id === clusterId)
        .reverse(),
    attemptOfRun: (clusterId, runId) => kept.get(idOfRun.get(runKey(clusterId, runId)) ?? "")?.attempt ?? null,
    unreadable: () => unreadable,
  };
}

function parseLine(text: string): AuditLine | null {
  try {
    const parsed = auditLineSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The first line tells who, what and why; the following ones how it went. */
function merge(known: Attempt | undefined, line: AuditLine): Attempt {
  const { at, by, event, outcome } = line;
  const step = { at, by, event, outcome: outcome ?? null };
  return {
    id: line.id,
    opened: known?.opened ?? line,
    event,
    outcome: known?.outcome || outcome ? { ...known?.outcome, ...outcome } : null,
    events: [...(known?.events ?? []), step],
  };
}
