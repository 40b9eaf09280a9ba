import type { Attempt, AuditLine } from "./schema";

/** What happens while a run goes on says nothing about how the attempt stands. */
export const ON_THE_WAY: ReadonlySet<AuditLine["event"]> = new Set(["confirmed", "step", "failed", "silent", "heard"]);

/** Puts lines, oldest first, together to attempts, in the order in which their first lines come. */
export function toAttempts(lines: readonly { seq: number; line: AuditLine }[]): Attempt[] {
  const attempts = new Map<string, Attempt>();
  for (const { seq, line } of lines) attempts.set(line.id, merge(attempts.get(line.id), seq, line));
  return [...attempts.values()];
}

/** The first line tells who, what and why; the following ones how it went. */
function merge(known: Attempt | undefined, seq: number, line: AuditLine): Attempt {
  const { at, by, event, outcome, detail } = line;
  const { stage, counts, text, reason } = detail;
  // An agent's word that it took the stop outweighs what was concluded before.
  const before = event === "accepted" ? null : known?.outcome;
  const step = { at, by, event, outcome: outcome ?? null, detail: { stage, counts, text, reason } };
  return {
    id: line.id,
    seq: known?.seq ?? seq,
    opened: known?.opened ?? line,
    event: known && ON_THE_WAY.has(event) ? known.event : event,
    outcome: before || outcome ? { ...before, ...outcome } : null,
    events: [...(known?.events ?? []), step],
  };
}

/** Whether a line says that something did not go as it was asked for; the filter "failed only" finds its attempt. */
export function isFailure({ event, outcome }: AuditLine): boolean {
  if (event === "resolved") return outcome?.runId === undefined;
  if (event === "finished") return outcome?.kind !== undefined;
  return event === "refused" || event === "unknown" || event === "blocked" || event === "failed";
}
