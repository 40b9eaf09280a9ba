import "server-only";
import type { z } from "zod";
import { appendLine } from "../audit/journal";
import type { AuditLine } from "../audit/schema";
import { AppError, type Result } from "../errors";
import { log } from "../log";
import { requireLoopback, requireOwnOrigin, toFailure } from "./door";
import { localAccount } from "./local-account";

type Opening = Omit<AuditLine, "at" | "by" | "event" | "outcome">;
type Closing = Pick<AuditLine, "event" | "outcome">;

/**
 * A server action: door, parse, open the audit entry, run, close the entry, typed result. If the entry cannot be
 * opened nothing runs. If it cannot be closed the true outcome is reported all the same and the entry stays open.
 */
export function defineAction<Input, Output>(action: {
  input: z.ZodType<Input>;
  audit?: { open: (input: Input) => Opening; close: (value: Output) => Closing };
  run: (input: Input, attemptId: string) => Promise<Output>;
}) {
  return async (sent: Input): Promise<Result<Output>> => {
    let opening: Opening | undefined;
    try {
      await requireLoopback();
      await requireOwnOrigin();
      const parsed = action.input.safeParse(sent);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new AppError("input-invalid", {
          params: { what: `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim() },
        });
      }
      if (action.audit) {
        const line = action.audit.open(parsed.data);
        await appendLine({ ...line, by: localAccount(), event: "opened" });
        opening = line;
      }
      const value = await action.run(parsed.data, opening?.id ?? "");
      if (opening && action.audit) await close(opening, action.audit.close(value));
      return { ok: true, value };
    } catch (error) {
      const failure = toFailure(error);
      if (opening) {
        const { kind, agentCode, traceId } = failure;
        await close(opening, { event: "refused", outcome: { kind, agentCode, traceId } });
      }
      return { ok: false, failure };
    }
  };
}

async function close(opening: Opening, closing: Closing): Promise<void> {
  const { id, action, cluster } = opening;
  try {
    await appendLine({ id, action, by: localAccount(), cluster, detail: {}, ...closing });
  } catch (error) {
    log.error({ attempt: id, closing, err: error }, "an audit entry stays open: its end could not be written");
  }
}
