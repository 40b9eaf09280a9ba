/** Old numeric codes of agents before 4.3.1.0. Source: OBShell agent source, ob/agent/errors. */
const OLD_CODE: Record<string, { http: number; code: number }> = {
  "Common.NotFound": { http: 400, code: 1000 },
  "Common.BindJsonFailed": { http: 400, code: 1001 },
  "Agent.Identify.NotSupportOperation": { http: 500, code: 1010 },
  "Task.NotFound": { http: 404, code: 2300 },
  "Task.CreateFailed": { http: 500, code: 2301 },
  "Request.Header.NotFound": { http: 401, code: 10008 },
};

const OLD_UNEXPECTED = 1002;
const OLD_KNOWN = 1010;
const OLD_ILLEGAL_ARGUMENT = 1001;
const UNAUTHORIZED = 10008;

/** A refusal or failure in the agent's own words; the words are those of the wire, since clients read them. */
export class AgentError extends Error {
  constructor(
    readonly errCode: string,
    readonly http: number,
    message: string,
  ) {
    super(message);
    this.name = "AgentError";
  }

  /** The status an agent of this shape answers with. */
  statusFor(hasErrCodes: boolean): number {
    return hasErrCodes ? this.http : this.old().http;
  }

  /** `code` is left out when it is 0: since 4.3.1.0 only authentication errors carry one. */
  toWire(hasErrCodes: boolean, decryptCode: number): Record<string, unknown> {
    if (!hasErrCodes) return { code: this.old().code, message: this.message };
    const code = this.errCode.endsWith("Header.DecryptFailed")
      ? decryptCode
      : isAuthentication(this)
        ? UNAUTHORIZED
        : 0;
    return { ...(code === 0 ? {} : { code }), errCode: this.errCode, message: this.message };
  }

  private old(): { http: number; code: number } {
    const known = OLD_CODE[this.errCode];
    if (known) return known;
    if (isAuthentication(this)) return { http: 401, code: UNAUTHORIZED };
    if (/^Task\.(Dag|Node)\.Operator\./.test(this.errCode)) return { http: 500, code: OLD_KNOWN };
    if (this.http === 500) return { http: 500, code: OLD_UNEXPECTED };
    return { http: this.http, code: OLD_ILLEGAL_ARGUMENT };
  }
}

const isAuthentication = (error: AgentError): boolean =>
  error.errCode.startsWith("Security.Authentication.") || error.errCode === "Common.Unauthorized";

export const badRequest = (errCode: string, message: string): AgentError => new AgentError(errCode, 400, message);
export const unauthorized = (what: string, message: string): AgentError =>
  new AgentError(`Security.Authentication.${what}`, 401, message);
export const failed = (errCode: string, message: string): AgentError => new AgentError(errCode, 500, message);
export const taskNotFound = (why = "record not found"): AgentError =>
  new AgentError("Task.NotFound", 404, `Task not found: ${why}`);

/** What the database said, as a handler relays it; a log puts `MySQL error: ` before it. */
export class MysqlError extends AgentError {
  constructor(number: number, text: string, doing = "") {
    super("MySQL.Error", 400, `${doing === "" ? "" : `${doing}: `}Error ${number} (HY000): ${text}`);
  }
}
export const mysqlError = (number: number, text: string): MysqlError => new MysqlError(number, text);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Waiting is a failure by design: the coordinator finds the sub DAG FAILED and sends RETRY or PASS. */
export class WaitsForOperator extends Error {
  constructor() {
    super("wait operator to advance");
  }
}

/** The last line a failed sub task logs. Source: OBShell agent source, engine/task ExecuteErrorLog. */
export function logLineOf(error: unknown, hasErrCodes: boolean): string {
  if (error instanceof WaitsForOperator) return error.message;
  if (!hasErrCodes) return `ERROR: ${messageOf(error)}`;
  if (error instanceof MysqlError) return `ERROR: [${error.errCode}]: MySQL error: ${error.message}`;
  if (error instanceof AgentError) return `ERROR: [${error.errCode}]: ${error.message}`;
  return `ERROR: [Common.Unexpected]: Unexpected error: ${messageOf(error)}`;
}
