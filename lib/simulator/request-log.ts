/** One request as the agent decrypted it. Passwords are kept: this is a test bench. */
export interface SeenRequest {
  agent: string;
  at: number;
  method: string;
  /** With its query. */
  path: string;
  body: unknown;
  header: Record<string, unknown> | null;
  /** 0 as long as there is no answer. */
  outcome: number;
  /** The main DAG that it made, whether or not the answer arrived; null for anything else. */
  runId: string | null;
}

/** What one agent asked another so that it could answer somebody. */
export interface PeerRequest {
  from: string;
  agent: string;
  at: number;
  path: string;
}

export interface RequestLog<T> {
  readonly entries: T[];
  add(request: T): void;
}

const KEPT = 20_000;
/** Dropping many at once keeps adding cheap. */
const DROPPED = 2_000;

export function createRequestLog<T>(): RequestLog<T> {
  const entries: T[] = [];
  return {
    entries,
    add(request) {
      entries.push(request);
      if (entries.length > KEPT) entries.splice(0, DROPPED);
    },
  };
}
