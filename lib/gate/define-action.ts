import "server-only";
import type { z } from "zod";
import { closeOnce } from "../audit/close-once";
import { appendLine } from "../audit/journal";
import type { AuditLine } from "../audit/schema";
import type { Permission } from "../auth/permissions";
import type { Person } from "../auth/schema";
import { AppError, isAppError, type Result } from "../errors";
import { log } from "../log";
import {
  requireHost,
  requireOwnOrigin,
  requirePermission,
  requirePerson,
  requireStillAllowed,
  toFailure,
} from "./door";
import { withoutUnseen } from "./unseen-cluster";

type Opening = Omit<AuditLine, "at" | "by" | "event" | "outcome">;
type Closing = Pick<AuditLine, "event" | "outcome">;

export interface ActionContext {
  person: Person;
  /** The id of the audit entry that was opened for this call; empty when the action has none. */
  attemptId: string;
  /** Asked inside the transaction that does it: throws `not-allowed` when they may no more. */
  requireStill: (transaction: Transaction) => Promise<void>;
  /** The last step of that transaction: judges the right once more, and writes the end of the entry with what was done. */
  tell: (event: AuditLine["event"]) => (transaction: Transaction) => Promise<void>;
}
type Transaction = NonNullable<Parameters<typeof appendLine>[1]>;

/**
 * A server action: door, person, parse, permission, open the audit entry, run, close the entry, typed result. If the
 * entry cannot be opened nothing runs. If it cannot be closed the true outcome is reported all the same and the entry
 * stays open. Whoever may not do it is on record too.
 */
export function defineAction<Input, Output>(action: {
  input: z.ZodType<Input>;
  /** What the person must be allowed, on `cluster(input)` for a permission that is granted per cluster. */
  permission: Permission;
  cluster?: (input: Input) => string;
  audit?: {
    open: (input: Input, person: Person) => Opening | Promise<Opening>;
    /** null: what was run has written the end itself. */
    close: (value: Output) => Closing | null;
  };
  run: (input: Input, context: ActionContext) => Promise<Output>;
}) {
  return async (sent: Input): Promise<Result<Output>> => {
    let opening: (Opening & { by: string }) | undefined;
    let asking: Person | undefined;
    try {
      await requireHost();
      await requireOwnOrigin();
      const person = (asking = await requirePerson());
      const parsed = action.input.safeParse(sent);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new AppError("input-invalid", {
          params: { what: `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim() },
        });
      }
      const line = action.audit ? { ...(await action.audit.open(parsed.data, person)), by: person.name } : undefined;
      try {
        requirePermission(person, action.permission, action.cluster?.(parsed.data) ?? null);
      } catch (error) {
        if (line) await appendLine({ ...line, event: "refused", outcome: { kind: toFailure(error).kind } });
        throw error;
      }
      if (line) await appendLine({ ...line, event: "opened" });
      opening = line;
      const requireStill = (transaction: Transaction) =>
        requireStillAllowed(person, action.permission, action.cluster?.(parsed.data) ?? null, transaction);
      const tell = (event: AuditLine["event"]) => async (transaction: Transaction) => {
        await requireStill(transaction);
        if (line) await appendLine({ ...endOf(line), event }, transaction);
      };
      const value = await action.run(parsed.data, { person, attemptId: opening?.id ?? "", requireStill, tell });
      const closing = action.audit?.close(value) ?? null;
      if (opening && closing) await close(opening, closing);
      return { ok: true, value };
    } catch (error) {
      const failure = toFailure(error);
      if (opening && !(isAppError(error) && error.recorded)) {
        const { kind, agentCode, traceId } = failure;
        await close(opening, { event: "refused", outcome: { kind, agentCode, traceId } });
      }
      return { ok: false, failure: asking ? withoutUnseen(failure, asking) : failure };
    }
  };
}

const endOf = ({ id, action, cluster, by }: Opening & { by: string }) => ({ id, action, cluster, by, detail: {} });

/** What was committed with its end does not end in another way because something failed after it. */
async function close(opening: Opening & { by: string }, closing: Closing): Promise<void> {
  try {
    await closeOnce({ ...endOf(opening), ...closing });
  } catch (error) {
    log.error({ attempt: opening.id, closing, err: error }, "an audit entry stays open: its end could not be written");
  }
}
