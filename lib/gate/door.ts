import "server-only";
import { headers } from "next/headers";
import { AppError, FAILURES, isAppError, type Failure } from "../errors";
import { log } from "../log";

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/**
 * Until there is sign-in, the console answers on this machine only. The Host line is checked besides the listening
 * address, because a page of another origin can make a browser resolve its own name to 127.0.0.1.
 */
export async function requireLoopback(): Promise<void> {
  const host = (await headers()).get("host") ?? "";
  if (!LOOPBACK.test(host)) throw new AppError("host-refused");
}

/** A write needs an Origin of the console itself; the framework lets a missing one through. */
export async function requireOwnOrigin(): Promise<void> {
  const sent = await headers();
  const origin = sent.get("origin");
  if (!origin || !URL.canParse(origin) || new URL(origin).host !== sent.get("host")) throw new AppError("host-refused");
}

/** What the browser may see. An unknown error shows nothing of itself; the log has it whole under the reference. */
export function toFailure(error: unknown): Failure {
  if (isAppError(error)) {
    if (FAILURES[error.kind].status >= 500)
      log.warn({ kind: error.kind, facts: error.facts, cause: causeOf(error) }, "failure");
    return { kind: error.kind, ...error.facts };
  }
  const reference = crypto.randomUUID().slice(0, 8);
  log.error({ reference, err: error }, "internal error");
  return { kind: "internal", reference };
}

const causeOf = (error: Error): string | undefined => (error.cause instanceof Error ? error.cause.message : undefined);
