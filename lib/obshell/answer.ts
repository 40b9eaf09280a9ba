import type { z } from "zod";
import { AppError } from "../errors";
import { openEnvelope, type RawAnswer, type Refusal } from "./wire/envelope";
import { kindOfRefusal } from "./wire/errors";

export interface Refused {
  ok: false;
  refusal: Refusal;
  traceId: string;
}

export type Answer<T> = { ok: true; data: T } | Refused;

/** An agent's answer in our words, or its refusal. Throws `answer-unreadable` for what is neither. */
export function parseAnswer<Schema extends z.ZodType>(
  raw: RawAnswer,
  schema: Schema,
  address: string,
): Answer<z.output<Schema>> {
  const opened = openEnvelope(raw, address);
  if (!opened.ok) return opened;
  const parsed = schema.safeParse(opened.data);
  if (parsed.success) return { ok: true, data: parsed.data };
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  const facts = { params: { address, field: at }, traceId: opened.traceId };
  throw new AppError("answer-unreadable", facts, { cause: parsed.error });
}

/** The error for a refusal; the agent's own words go with it unmodified. */
export function refuse({ refusal, traceId }: Refused, address: string, sent?: "no" | "maybe"): AppError {
  const { errCode, code, message } = refusal;
  const facts = {
    params: { address },
    agentCode: errCode ?? (code === null ? undefined : String(code)),
    agentMessage: message || undefined,
    traceId: traceId || undefined,
  };
  return new AppError(kindOfRefusal(refusal), facts, { sent });
}
