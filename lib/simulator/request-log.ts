/** One request as the agent decrypted it. Passwords are kept: this is a test bench. */
export interface SeenRequest {
  agent: string;
  at: number;
  method: string;
  /** With its query. */
  path: string;
  body: unknown;
  header: Record<string, unknown> | null;
  outcome: number;
}

export interface RequestLog {
  readonly entries: SeenRequest[];
  add(request: SeenRequest): void;
}

const KEPT = 20_000;
/** Dropping many at once keeps adding cheap. */
const DROPPED = 2_000;

export function createRequestLog(): RequestLog {
  const entries: SeenRequest[] = [];
  return {
    entries,
    add(request) {
      entries.push(request);
      if (entries.length > KEPT) entries.splice(0, DROPPED);
    },
  };
}
