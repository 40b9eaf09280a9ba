import { z } from "zod";
import { environment } from "../clusters/schema";
import { method } from "../lifecycle/schema";

/** What sends something to a cluster. */
export const sendingAction = z.enum([
  "cluster.stop",
  "cluster.start",
  "run.cancel",
  "run.retry",
  "run.skip",
  "run.release",
]);
export type SendingAction = z.infer<typeof sendingAction>;

/** How a search for a lost answer ended when its agent had lost its records since: found or not, nobody can tell. */
export const RECORDS_LOST = "records-lost";

/** One append-only line. Several lines with one `id` tell one attempt: opened, then what became of it. */
export const auditLineSchema = z.object({
  /** Attempt id; the plan id for a stop. */
  id: z.string(),
  at: z.string(),
  event: z.enum([
    "opened",
    /** Every last check held, and the stop is about to be sent: committed before the first byte goes out. */
    "confirmed",
    "accepted",
    "refused",
    "unknown",
    "resolved",
    "blocked",
    "cancelled",
    "checked",
    "expired",
    "requested",
    "approved",
    "declined",
    /** The run reached another stage: `detail.stage`, `detail.counts`. */
    "step",
    /** Something in the run failed; the run may go on. */
    "failed",
    /** No agent tells about the run any more, until `heard`. */
    "silent",
    "heard",
    /** The run is over; `outcome.kind` says how when it did not succeed. */
    "finished",
    /** A person settled what the console could not find out. */
    "closed",
  ]),
  action: z.enum([
    ...sendingAction.options,
    "plan.check",
    "plan.cancel",
    "agent.trust-key",
    "member.set-aside",
    /** By a person; or by the console, because it is up again or has left the cluster. */
    "member.take-back",
    "approval.request",
    "approval.decide",
    "intent.close",
    "cluster.add",
    "cluster.change",
    "cluster.remove",
    "cluster.test",
    "session.sign-in",
    "session.refused",
    "session.sign-out",
    "person.add",
    "person.change",
    "audit.export",
    "key.rotate",
    /** The store came out of a backup, and what had not ended in it was closed. */
    "store.restore",
  ]),
  /** A person's name; `console` for what the console does by itself; `engine` for what the engine reported. */
  by: z.string(),
  /** null for what concerns the console itself: sign-ins, people, keys. */
  cluster: z.object({ id: z.string(), name: z.string(), environment }).nullable(),
  detail: z
    .object({
      method,
      targets: z.array(z.string()),
      /** Servers of the touched zones that it did not reach, because they have no agent. */
      outOfReach: z.array(z.string()),
      reason: z.string(),
      tier: z.number(),
      fingerprint: z.string(),
      title: z.string(),
      request: z.object({ method: z.string(), path: z.string(), body: z.string() }),
      coordinator: z.string().nullable(),
      checks: z.array(z.object({ id: z.string(), level: z.string() })),
      planId: z.string(),
      /** What its plan would send; rows without it are from when every plan was a stop. */
      planned: sendingAction,
      /** The run that it follows up, works on, or cancels first. */
      continues: z.string(),
      /** Runs whose leftovers it releases. */
      releases: z.array(z.string()),
      reviewedAt: z.string(),
      approvedBy: z.string(),
      /** The second person was passed over in an emergency (ux C-13). */
      breakGlass: z.boolean(),
      /** A short fact that no other field holds. */
      text: z.string(),
      stage: z.string(),
      /** `cancelled`: a cancelled run did not come to them. `again`: they were started again. Absent without any. */
      counts: z.object({
        done: z.number(),
        failed: z.number(),
        unreported: z.number(),
        cancelled: z.number().optional(),
        again: z.number().optional(),
      }),
      /** Taken over from the file in which an earlier version kept its audit. */
      imported: z.boolean(),
    })
    .partial(),
  /** How it ended; only on lines after the first. */
  outcome: z
    .object({ runId: z.string(), kind: z.string(), agentCode: z.string(), traceId: z.string() })
    .partial()
    .optional(),
});
export type AuditLine = z.infer<typeof auditLineSchema>;

type AuditOutcome = NonNullable<AuditLine["outcome"]>;

/** All lines of one attempt together. */
export interface Attempt {
  id: string;
  /** Its first line: who, what, on which servers and why. */
  opened: AuditLine;
  /** The number of its first line. */
  seq: number;
  /** How it stands; `opened` means that nobody wrote down how it ended. What happens during a run does not count. */
  event: AuditLine["event"];
  /** How it ended, newest word first to count; null while that is open. */
  outcome: AuditOutcome | null;
  /** Everything that happened, oldest first. */
  events: {
    at: string;
    by: string;
    event: AuditLine["event"];
    outcome: AuditOutcome | null;
    detail: Pick<AuditLine["detail"], "stage" | "counts" | "text" | "reason">;
  }[];
}

const flag = z.literal("1").optional().catch(undefined);
const word = (most: number) => z.string().trim().min(1).max(most).optional().catch(undefined);
const when = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?$/)
  .refine((text) => !Number.isNaN(Date.parse(text)))
  .optional();
const loose = when.catch(undefined);

/** The filters as they stand in the address (ux A-4). What cannot be read is as if it were not there. */
export const auditQuerySchema = z.object({
  person: word(200),
  cluster: word(64),
  /** What belongs to no cluster. */
  console: flag,
  action: auditLineSchema.shape.action.optional().catch(undefined),
  run: word(80),
  force: flag,
  failed: flag,
  /** Stops that nobody wrote down the end of. */
  open: flag,
  /** ISO 8601; without an offset the clock of the person's own zone. Both ends belong to it. */
  from: loose,
  to: loose,
  /** Older than the attempt with this number. */
  before: z.coerce.number().int().min(1).optional().catch(undefined),
});
export type AuditQuery = z.infer<typeof auditQuerySchema>;

const absent = z.literal("").transform(() => undefined);
/** For an export, which nobody looks through: a time that cannot be read is refused, not left out. */
export const auditExportSchema = auditQuerySchema.extend({
  from: z.union([absent, when]),
  to: z.union([absent, when]),
  format: z.enum(["csv", "json"]).default("csv"),
});

/** Ends of the span that cannot be read, as they stand in the address: the page says so. */
export const unreadSpan = (search: Record<string, unknown>): { end: "from" | "to"; value: string }[] =>
  (["from", "to"] as const).flatMap((end) => {
    const value = search[end];
    return value === undefined || value === "" || when.safeParse(value).success
      ? []
      : [{ end, value: String(value).slice(0, 80) }];
  });

/**
 * What is wrong with a row of the chain. `missing`: it is gone. `changed`: its hash does not fit it. `link`: it does not
 * follow the row before. `columns`: it says otherwise than its own line. `head`: it is not the end that was written
 * down. `extra`: it stands behind that end.
 */
export type ChainFault = "missing" | "changed" | "link" | "columns" | "head" | "extra";

/** Whether the chain holds, for the page. */
export interface ChainState {
  /** Rows that were verified, from the first on. */
  count: number;
  broken: { seq: number; fault: ChainFault } | null;
  checkedAt: string;
  /** When every row was last read, and not only those that were new. */
  wholeAt: string;
}
