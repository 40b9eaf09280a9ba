/**
 * Every way a request can fail, in one table. The words an operator reads live in `lib/i18n/messages/<locale>/errors.json`
 * under the same kind (`what` happened, what to do `next`), so both languages carry the next step.
 * `status` is the HTTP status a read answers with; `retryable` says that asking again may help without a change.
 */
export const FAILURES = {
  // the way to the agent
  "agent-unreachable": { status: 502, retryable: true },
  "agent-timeout": { status: 504, retryable: true },
  "answer-unreadable": { status: 502, retryable: true },
  "answer-too-large": { status: 502, retryable: false },
  "tls-failed": { status: 502, retryable: false },
  // authentication at the agent
  "agent-key-changed": { status: 502, retryable: false },
  "header-rejected": { status: 502, retryable: false },
  "clock-skew": { status: 502, retryable: false },
  "password-rejected": { status: 502, retryable: false },
  "password-kind": { status: 502, retryable: false },
  "permission-denied": { status: 502, retryable: false },
  // the agent read the request and said no
  "not-supported": { status: 501, retryable: false },
  "task-not-found": { status: 404, retryable: false },
  "task-id-invalid": { status: 400, retryable: false },
  "request-refused": { status: 400, retryable: false },
  "target-unknown": { status: 409, retryable: false },
  "target-agentless": { status: 409, retryable: false },
  "member-not-gone": { status: 409, retryable: false },
  "member-aside": { status: 409, retryable: false },
  "member-not-aside": { status: 409, retryable: false },
  "agent-not-in-cluster": { status: 409, retryable: false },
  "global-needs-mode": { status: 409, retryable: false },
  "mode-conflict": { status: 409, retryable: false },
  "force-required": { status: 409, retryable: false },
  "other-zone-stopped": { status: 409, retryable: false },
  "majority-lost": { status: 409, retryable: false },
  "cluster-not-initialized": { status: 409, retryable: false },
  "sql-refused": { status: 409, retryable: false },
  "peer-failed": { status: 502, retryable: true },
  "database-unavailable": { status: 502, retryable: true },
  "task-create-failed": { status: 502, retryable: true },
  "dag-operation-refused": { status: 409, retryable: false },
  "concurrent-change": { status: 409, retryable: true },
  "under-maintenance": { status: 409, retryable: false },
  "agents-not-ready": { status: 409, retryable: false },
  "agents-not-done": { status: 409, retryable: false },
  "flush-timeout": { status: 409, retryable: true },
  "agent-internal": { status: 502, retryable: true },
  "agent-refused": { status: 409, retryable: false },
  // the console itself
  "input-invalid": { status: 400, retryable: false },
  "host-refused": { status: 403, retryable: false },
  // people and their sign-in
  "password-wrong": { status: 401, retryable: false },
  "code-wrong": { status: 401, retryable: false },
  "own-password-wrong": { status: 401, retryable: false },
  "own-code-wrong": { status: 401, retryable: false },
  "challenge-over": { status: 401, retryable: false },
  "locked-out": { status: 429, retryable: true },
  "too-many-tries": { status: 429, retryable: true },
  "person-deactivated": { status: 403, retryable: false },
  "second-factor-lost": { status: 503, retryable: false },
  "proof-too-old": { status: 403, retryable: false },
  "password-unfit": { status: 400, retryable: false },
  "password-same": { status: 400, retryable: false },
  "name-unfit": { status: 400, retryable: false },
  "name-taken": { status: 409, retryable: false },
  "person-unknown": { status: 404, retryable: false },
  "last-administrator": { status: 409, retryable: false },
  "provider-failed": { status: 502, retryable: true },
  "signed-out": { status: 401, retryable: false },
  "not-allowed": { status: 403, retryable: false },
  "cluster-unknown": { status: 404, retryable: false },
  "cluster-exists": { status: 409, retryable: false },
  "cluster-name-taken": { status: 409, retryable: false },
  "cluster-registered": { status: 409, retryable: false },
  "cluster-in-file": { status: 409, retryable: false },
  "credentials-lost": { status: 503, retryable: false },
  "password-needed": { status: 400, retryable: false },
  "pem-invalid": { status: 400, retryable: false },
  "run-unknown": { status: 404, retryable: false },
  "plan-unknown": { status: 404, retryable: false },
  "plan-expired": { status: 409, retryable: false },
  "plan-changed": { status: 409, retryable: false },
  "plan-used": { status: 409, retryable: false },
  "plan-blocked": { status: 409, retryable: false },
  "confirmation-missing": { status: 400, retryable: false },
  "stop-in-progress": { status: 409, retryable: false },
  "stood-still": { status: 409, retryable: false },
  "never-sent": { status: 409, retryable: false },
  "plan-of-another": { status: 403, retryable: false },
  "step-up-needed": { status: 403, retryable: false },
  "approval-needed": { status: 409, retryable: false },
  "reason-changed": { status: 409, retryable: false },
  "approval-unknown": { status: 404, retryable: false },
  "approval-over": { status: 409, retryable: false },
  "approval-own": { status: 403, retryable: false },
  "intent-over": { status: 409, retryable: false },
  "cancelled-only": { status: 409, retryable: false },
  "cancel-not-done": { status: 409, retryable: false },
  "store-unavailable": { status: 503, retryable: true },
  // the file of the embedded store is not what it was
  "store-gone": { status: 503, retryable: false },
  "store-replaced": { status: 503, retryable: false },
  "store-cut": { status: 503, retryable: false },
  "store-foreign": { status: 503, retryable: false },
  "store-older": { status: 503, retryable: false },
  "key-gone": { status: 503, retryable: false },
  "audit-unwritable": { status: 503, retryable: false },
  "console-unreachable": { status: 502, retryable: true },
  cancelled: { status: 499, retryable: true },
  internal: { status: 500, retryable: false },
} as const;

export type FailureKind = keyof typeof FAILURES;

/** Facts that the sentence of a failure needs; the agent's own words stay unmodified beside ours (ux D-17). */
export interface FailureFacts {
  /** Values for the sentence, by placeholder name: `address`, `zone`, `name`, … */
  params?: Record<string, string | number>;
  agentCode?: string;
  agentMessage?: string;
  traceId?: string;
  /** Finds the log line of an internal error. */
  reference?: string;
}

/** What the browser may see of an error. */
export interface Failure extends FailureFacts {
  kind: FailureKind;
}

export type Result<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/**
 * The only error that rooms throw on purpose. `sent` tells whether a write may have reached the agent; `recorded`, that
 * its end stands in the audit already.
 */
export class AppError extends Error {
  readonly kind: FailureKind;
  readonly facts: FailureFacts;
  /** "no": the request certainly did not reach the agent; "maybe": it may have; undefined: not a write. */
  readonly sent: "no" | "maybe" | undefined;
  readonly recorded: boolean;

  constructor(
    kind: FailureKind,
    facts: FailureFacts = {},
    options: { cause?: unknown; sent?: "no" | "maybe"; recorded?: boolean } = {},
  ) {
    super(facts.agentMessage ? `${kind}: ${facts.agentMessage}` : kind, { cause: options.cause });
    this.name = "AppError";
    this.kind = kind;
    this.facts = facts;
    this.sent = options.sent;
    this.recorded = options.recorded ?? false;
  }
}

/** By brand, not instanceof: each server bundle has its own copy of the class. */
export const isAppError = (error: unknown): error is AppError =>
  error instanceof Error && "kind" in error && typeof error.kind === "string" && Object.hasOwn(FAILURES, error.kind);

/** For a `catch`: null for a failure that rooms throw on purpose; anything else goes on. */
export function nullIfAppError(error: unknown): null {
  if (isAppError(error)) return null;
  throw error;
}

/** The failure that an answer of the console carries as `{ failure }`; null when it carries none that we know. */
export function failureIn(answer: unknown): Failure | null {
  const failure = typeof answer === "object" && answer !== null && "failure" in answer ? answer.failure : null;
  if (typeof failure !== "object" || failure === null || !("kind" in failure)) return null;
  return typeof failure.kind === "string" && Object.hasOwn(FAILURES, failure.kind) ? (failure as Failure) : null; // its kind was checked, and its facts are our own build's
}
