import type { Mark } from "@/components/ui/state-mark";
import type { Attempt, AuditLine } from "@/lib/audit/schema";
import type * as Schema from "@/lib/audit/schema";
import type { TestStepId } from "@/lib/clusters/schema";
import { keysOf } from "@/lib/keys-of";
import { isSending } from "./actions";

/** How a search ended when the agent had lost its records (`lib/audit/schema.ts`; that file's values stay on the server). */
const RECORDS_LOST = "records-lost" satisfies typeof Schema.RECORDS_LOST;

/** What the last line of an attempt says of a run that was cancelled. */
export const RUN_CANCELLED = "cancelled";

/** How an attempt ended, as far as anybody wrote it down. Key below `audit.end.` */
export type End =
  | Exclude<Attempt["event"], "resolved" | "confirmed" | "step" | "silent" | "heard">
  // the answer was lost, and then:
  | "found"
  | "none"
  /** The same, but its agent has lost its records since. */
  | "recordsLost"
  | "done"
  /** Its run was cancelled before its end, which is what somebody wanted. */
  | "runCancelled"
  /** A connection test that did not come through. */
  | "testFailed";

export const END_MARK: Record<End, Mark> = {
  accepted: "info", // not done: what became of it is on the run's page
  found: "info",
  done: "done",
  checked: "done",
  finished: "done",
  approved: "info",
  requested: "info", // whether it still waits is not for this entry to say
  closed: "info",
  refused: "failed",
  failed: "failed",
  testFailed: "failed",
  runCancelled: "cancelled",
  declined: "cancelled",
  expired: "cancelled",
  blocked: "failed",
  cancelled: "cancelled",
  none: "cancelled",
  recordsLost: "unknown",
  unknown: "unknown",
  opened: "unknown",
};

/** Whether an action is one of the reviewer of a plan, on the way to sending it. */
export const isOfPlan = (action: AuditLine["action"]): boolean =>
  isSending(action) || action === "plan.check" || action === "plan.cancel";

/** Told by one line, which is also the end. */
const AT_ONCE: ReadonlySet<string> = new Set(["session.sign-in", "session.sign-out"] satisfies AuditLine["action"][]);

export function endOf({ event, outcome, opened }: Attempt): End {
  if (event === "resolved" && !outcome?.runId) return outcome?.kind === RECORDS_LOST ? "recordsLost" : "none";
  if (event === "resolved") return "found";
  if (event === "finished" && outcome?.kind !== undefined)
    return outcome.kind === RUN_CANCELLED ? "runCancelled" : "failed";
  if (event === "blocked" && opened.action === "cluster.test") return "testFailed";
  if (!isOfPlan(opened.action) && (event === "checked" || event === "accepted")) return "done";
  if (event === "opened" && AT_ONCE.has(opened.action)) return "done";
  // A line of a run whose attempt begins elsewhere: nobody wrote down how that one stands.
  return event === "confirmed" || event === "step" || event === "silent" || event === "heard" ? "opened" : event;
}

const TEST_STEPS: Record<TestStepId, true> = {
  address: true,
  tls: true,
  identity: true,
  version: true,
  key: true,
  clock: true,
  password: true,
  agents: true,
  database: true,
};
const STEP_OF_KIND: Readonly<Partial<Record<string, TestStepId>>> = {
  "tls-failed": "tls",
  "agent-key-changed": "key",
  "clock-skew": "clock",
  "password-rejected": "password",
  "password-kind": "password",
  "permission-denied": "password",
  "database-unavailable": "database",
};

/** At which step a connection test failed; null when what was written down does not tell. */
export function testStepOf(kind: string | undefined): TestStepId | null {
  if (kind === undefined) return null;
  return STEP_OF_KIND[kind] ?? keysOf(TEST_STEPS).find((step) => new RegExp(`^${step}($|[A-Z])`).test(kind)) ?? null;
}
