import { z } from "zod";
import { environment } from "../clusters/schema";
import { method } from "../lifecycle/schema";

/** One append-only line. Several lines with one `id` tell one attempt: opened, then how it ended. */
export const auditLineSchema = z.object({
  /** Attempt id; the plan id for a stop. */
  id: z.string(),
  at: z.string(),
  event: z.enum(["opened", "accepted", "refused", "unknown", "resolved", "blocked", "cancelled", "checked"]),
  action: z.enum(["cluster.stop", "plan.check", "plan.cancel", "agent.trust-key"]),
  /** Who: the account that runs the console until there is sign-in. */
  by: z.string(),
  cluster: z.object({ id: z.string(), name: z.string(), environment }),
  detail: z
    .object({
      method,
      targets: z.array(z.string()),
      reason: z.string(),
      tier: z.number(),
      fingerprint: z.string(),
      title: z.string(),
      request: z.object({ method: z.string(), path: z.string(), body: z.string() }),
      coordinator: z.string().nullable(),
      checks: z.array(z.object({ id: z.string(), level: z.string() })),
    })
    .partial(),
  /** How it ended; only on closing lines. */
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
  /** What happened last; `opened` means that nobody wrote down how it ended. */
  event: AuditLine["event"];
  /** How it ended, newest word first to count; null while that is open. */
  outcome: AuditOutcome | null;
  /** Everything that happened, oldest first. */
  events: { at: string; by: string; event: AuditLine["event"]; outcome: AuditOutcome | null }[];
}
