import { AppError, isAppError } from "../errors";
import { isTimeout } from "./deadline";
import { tlsFaultOf } from "./wire/tls-fault";

/** How far an exchange came before it failed. */
export interface Progress {
  /** Connected, TLS handshake included: bytes of the request may have been sent. */
  connected: boolean;
  /** The head of the answer was read. */
  answered: boolean;
}

/** Codes of failed certificate checks are many and named by what failed; none of them looks like a socket error. */
const TLS_CODE =
  /^ERR_(SSL|TLS)_|^EPROTO$|CERT|ISSUER|SIGNATURE|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|_CRL/;
const HANDSHAKE_CUT = /before secure TLS connection/;
/** A server that turns our certificate away says so with an alert, in TLS 1.3 only after our side is done. */
const CERTIFICATE_ALERT = /^ERR_SSL_.*ALERT_.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE)/;
/** The parser's own codes (it fails without one, too), too large a head, a length that disagrees with the body. */
const UNREADABLE_CODE = /^HPE_|^UND_ERR_(HEADERS_OVERFLOW|RES_)/;
const RESET_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "UND_ERR_SOCKET"]);

/** First code in the chain of causes; a failed connect to several addresses hides it one level down. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string" && error.code !== "") return error.code;
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  return errorCode(error.cause);
}

/** The connection went away before an answer began; a read may be asked again. */
export const isReset = (error: unknown): boolean =>
  isAppError(error) && error.kind === "agent-unreachable" && RESET_CODES.has(errorCode(error));

function kindOf(error: Error, code: string, { connected, answered }: Progress, signal: AbortSignal) {
  if (signal.aborted) return isTimeout(signal) ? "agent-timeout" : "cancelled";
  if (TLS_CODE.test(code) || (!connected && HANDSHAKE_CUT.test(error.message))) return "tls-failed";
  if (error.name === "HTTPParserError" || UNREADABLE_CODE.test(code) || answered) return "answer-unreadable";
  return "agent-unreachable";
}

/** Turns whatever a failed exchange threw into our words; `sent` is only set for a write. */
export function asAppError(
  cause: unknown,
  context: { address: string; write: boolean; progress: Progress; signal: AbortSignal },
): AppError {
  const { address, write, progress, signal } = context;
  const code = errorCode(cause);
  const untaken = !progress.connected || CERTIFICATE_ALERT.test(code);
  const sent = write ? (untaken ? "no" : "maybe") : undefined;
  if (isAppError(cause)) return new AppError(cause.kind, cause.facts, { cause: cause.cause, sent: cause.sent ?? sent });
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const kind = kindOf(error, code, progress, signal);
  const params = { address, code, reason: error.message };
  const facts = { params: kind === "tls-failed" ? { ...params, tls: tlsFaultOf(code) } : params };
  return new AppError(kind, facts, { cause, sent });
}
