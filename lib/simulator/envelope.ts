import { randomBytes } from "node:crypto";
import { AgentError } from "./agent-error";
import type { Agent, World } from "./agent";
import { inChinese, isChinese } from "./chinese";
import { goTime } from "./go-json";

/** What a handler gives back: `data` undefined is left out of the envelope, null is written. Lists go into `contents`. */
export type Outcome = { readonly data?: unknown; readonly error?: AgentError };

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

const JSON_TYPE = "application/json";
const UTF8_TYPE = `${JSON_TYPE}; charset=utf-8`;

export interface EnvelopeContext {
  readonly world: World;
  readonly agent: Agent;
  readonly startedAt: number;
  readonly traceId: string;
  readonly language: string | undefined;
}

export function replyOf(context: EnvelopeContext, outcome: Outcome, contentType = JSON_TYPE): Reply {
  const { world, agent } = context;
  const hasErrCodes = world.has("4.3.1.0");
  const status = outcome.error?.statusFor(hasErrCodes) ?? 200;
  const body = {
    successful: outcome.error === undefined,
    timestamp: goTime(agent.now()),
    duration: Math.max(0, Date.now() - context.startedAt),
    status,
    traceId: context.traceId,
    ...(outcome.data === undefined
      ? {}
      : { data: Array.isArray(outcome.data) ? { contents: outcome.data } : outcome.data }),
    ...(outcome.error ? { error: errorIn(context, outcome.error) } : {}),
  };
  return { status, contentType, body };
}

/** Since 4.3.1.0 the message, and it alone, follows `Accept-Language`. */
function errorIn({ world, language }: EnvelopeContext, error: AgentError): Record<string, unknown> {
  const wire = error.toWire(world.has("4.3.1.0"), world.has("4.4.2.0") ? 1 : 0);
  const message = world.has("4.3.1.0") && isChinese(language) ? inChinese(error) : error.message;
  return { ...wire, message };
}

/** Rejected before routing: no trace id, and another content type. */
export const replyBeforeRouting = (context: EnvelopeContext, error: AgentError): Reply =>
  replyOf({ ...context, traceId: "" }, { error }, UTF8_TYPE);

/** The body of a panic was built when the agent started, so its timestamp is old. */
export function replyToPanic({ world, agent }: EnvelopeContext): Reply {
  const error = new AgentError("Common.Unexpected", 500, "Unexpected error: Internal Server Error");
  const body = {
    successful: false,
    timestamp: goTime(agent.startedAt),
    duration: 0,
    status: 500,
    traceId: "",
    error: error.toWire(world.has("4.3.1.0"), 0),
  };
  return { status: 500, contentType: UTF8_TYPE, body };
}

/** A list that is null on the wire when it is empty, as Go writes a slice nobody appended to. */
export const contentsOrNull = (items: readonly unknown[]): unknown => ({ contents: items.length > 0 ? items : null });

export const newTraceId = (): string => randomBytes(8).toString("hex");
