import type { Agent, World } from "../agent";
import type { OpenedHeader } from "../agent-auth";
import type { AgentError } from "../agent-error";

/** One request as a handler sees it: opened, verified and matched. */
export interface Call {
  readonly world: World;
  readonly agent: Agent;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly header: OpenedHeader | null;
}

export interface Route {
  readonly method: "GET" | "POST" | "*";
  /** Segments after /api/v1; `:name` takes one segment. */
  readonly path: string;
  readonly since?: string;
  /** Answered without authentication. */
  readonly isOpen?: boolean;
  /** Hangs as long as the agent's own observer is frozen. */
  readonly asksDatabase?: boolean;
  /** A write that a lost answer may hide from its sender. */
  readonly isWrite?: boolean;
  readonly handle: (call: Call) => unknown;
}

/** Partial data together with an error: clients must look at the status, not at what is there. */
export class PartialFailure extends Error {
  constructor(
    readonly error: AgentError,
    readonly data: unknown,
  ) {
    super(error.message);
  }
}

export const parameter = (call: Call, name: string): string => call.params[name] ?? "";
