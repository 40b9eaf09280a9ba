import type { FailureKind } from "../../errors";
import type { Refusal } from "./envelope";

/** String codes, since 4.3.1.0. Source: OBShell protocol §8. */
const KIND_BY_ERR_CODE: Readonly<Record<string, FailureKind>> = {
  "Request.Header.NotFound": "header-rejected",
  "Request.Header.TypeInvalid": "header-rejected",
  "Request.Forward.Header.NotExist": "header-rejected",
  "Request.Body.Decrypt.AES.KeyAndIv.Invalid": "request-refused",
  "Request.Body.Decrypt.AES.ContentLength.Invalid": "request-refused",
  "Security.Authentication.Header.DecryptFailed": "agent-key-changed",
  "Security.Authentication.Header.UriMismatch": "header-rejected",
  "Security.Authentication.Expired": "clock-skew",
  "Security.Authentication.Timestamp.Invalid": "header-rejected",
  "Security.Authentication.IncorrectOceanbasePassword": "password-rejected",
  "Security.Authentication.IncorrectAgentPassword": "password-rejected",
  "Security.Authentication.WithAgentPassword": "password-kind",
  "Security.Authentication.WithOceanBasePassword": "password-kind",
  "Security.Authentication.AgentPasswordNotInitialized": "password-kind",
  "Security.Authentication.SessionInvalid": "header-rejected",
  "Security.Authentication.SessionExpired": "header-rejected",
  // Met only before the cluster exists: a follower takes nothing but the cluster's own token.
  "Security.Authentication.IncorrectToken": "agent-not-in-cluster",
  "Security.User.PermissionDenied": "permission-denied",
  "Common.Unauthorized": "permission-denied",
  "Common.BindJsonFailed": "request-refused",
  "Common.IllegalArgument": "request-refused",
  "Common.InvalidAddress": "request-refused",
  "Common.InvalidIp": "request-refused",
  "Common.InvalidPort": "request-refused",
  "Common.NotFound": "not-supported",
  "Common.Unexpected": "agent-internal",
  "OB.Cluster.Scope.Invalid": "request-refused",
  "OB.Zone.NotExist": "target-unknown",
  "Agent.NotExist": "target-unknown",
  "Agent.Identify.NotSupportOperation": "agent-not-in-cluster",
  "OB.Cluster.ForceStopOrTerminateRequired": "global-needs-mode",
  "OB.Cluster.StopModeConflict": "mode-conflict",
  "OB.Cluster.ForceStopRequired": "force-required",
  "OB.Server.StoppedInMultiZone": "other-zone-stopped",
  "OB.Cluster.Tenant.Replica.Invalid": "majority-lost",
  "OB.Cluster.NotInitialized": "cluster-not-initialized",
  "MySQL.Error": "sql-refused",
  "Agent.RPC.RequestError": "peer-failed",
  "Agent.RPC.RequestFailed": "peer-failed",
  "Agent.OceanBase.NotHold": "database-unavailable",
  "Agent.OceanBase.Useless": "database-unavailable",
  "Agent.OceanBase.DB.NotOcs": "database-unavailable",
  "OB.Server.Process.NotExist": "database-unavailable",
  "Task.NotFound": "task-not-found",
  "Task.GenericID.Invalid": "task-id-invalid",
  "Task.CreateFailed": "task-create-failed",
  "Gorm.NoRowAffected": "concurrent-change",
  "OB.Cluster.UnderMaintenance": "under-maintenance",
  "OB.Cluster.UnderMaintenanceWithDag": "under-maintenance",
  // The rest is met in task logs only.
  "Agent.UnderMaintenance": "under-maintenance",
  "Agent.UnderMaintenanceDag": "under-maintenance",
  "Task.Dag.PassTimeout": "under-maintenance",
  "Task.Dag.CancelTimeout": "under-maintenance",
  "Task.SubDag.NotAllCreated": "agents-not-ready",
  "Task.SubDag.NotAllReady": "agents-not-ready",
  // Agents that were already advanced still kill, so these three must not read as "nothing was stopped".
  "Task.SubDag.NotAllAdvanced": "agents-not-done",
  "Task.SubDag.NotAllSucceed": "agents-not-done",
  "Task.SubDag.NotAllPassed": "agents-not-done",
  "OB.Cluster.AsyncOperationTimeout": "agents-not-done",
  "OB.Cluster.MinorFreezeTimeout": "flush-timeout",
};

const OPERATOR_CODE = /^Task\.(Dag|Node)\.Operator\./;

/** Numeric codes, before 4.3.1.0 the only ones. 10008 stands for every failed authentication, see below. */
const KIND_BY_CODE: Readonly<Record<number, FailureKind>> = {
  1: "agent-key-changed",
  2: "not-supported",
  1000: "not-supported", // what older agents answer for a route they do not know
  1001: "agent-refused", // any of the rules for a stop; the message says which
  1002: "agent-internal",
  1003: "not-supported",
  1010: "agent-refused",
  2300: "task-not-found",
  2301: "task-create-failed",
  10000: "permission-denied",
  10009: "agent-not-in-cluster",
};
const UNAUTHORIZED_CODE = 10008;

/** Only the wording tells what an older agent's 10008 is about, and often it says no more than "unauthorized". */
const UNAUTHORIZED_WORDINGS: readonly (readonly [RegExp, FailureKind])[] = [
  [/decrypt|\brsa\b/i, "agent-key-changed"],
  [/expire|timestamp|time ?stamp/i, "clock-skew"],
  [/\buri\b/i, "header-rejected"],
  [/password|access denied/i, "password-rejected"],
];

/** How a Go agent words that it could not reach the agent it wanted to pass the request on to. */
const DIAL_ERROR =
  /dial tcp|connection refused|no route to host|i\/o timeout|Client\.Timeout|context deadline exceeded/i;

/** How an agent words that another one refused, or did not get, what it asked for. */
const PEER_REQUEST = /\bRequest \[[A-Z]+\]\S+ to \S+ (?:failed|error): /;

const wordedKind = (message: string): FailureKind | undefined =>
  UNAUTHORIZED_WORDINGS.find(([wording]) => wording.test(message))?.[1];

/** A 401 that does not say why: changed key, wrong password or an old time stamp. */
export const isBareUnauthorized = ({ errCode, code, message }: Refusal): boolean =>
  code === UNAUTHORIZED_CODE &&
  (errCode === null || errCode === "Common.Unauthorized") &&
  wordedKind(message) === undefined;

/** Our kind of an agent's string code; undefined for one that we have never heard of. */
export function kindOfErrCode(errCode: string): FailureKind | undefined {
  if (Object.hasOwn(KIND_BY_ERR_CODE, errCode)) return KIND_BY_ERR_CODE[errCode];
  return OPERATOR_CODE.test(errCode) ? "dag-operation-refused" : undefined;
}

export function kindOfRefusal({ httpStatus, errCode, code, message }: Refusal): FailureKind {
  if (errCode !== null) {
    if (errCode === "Common.Unexpected" && DIAL_ERROR.test(message)) return "peer-failed";
    const kind = kindOfErrCode(errCode);
    if (kind) return kind;
  } else {
    if (code === UNAUTHORIZED_CODE) return wordedKind(message) ?? "password-rejected";
    if (code === 1002 && DIAL_ERROR.test(message)) return "peer-failed";
    const kind = code === null ? undefined : KIND_BY_CODE[code];
    if (kind) return kind;
  }
  if (httpStatus === 401) return "permission-denied";
  return httpStatus >= 500 ? "agent-internal" : "agent-refused";
}

/** True when the agent broke down on the way, so that a write may have been carried out in spite of the error. */
export function leavesOutcomeOpen(refusal: Refusal): boolean {
  if (refusal.httpStatus < 500) return false;
  return (
    refusal.errCode === "Common.Unexpected" || refusal.code === 1002 || kindOfRefusal(refusal) === "agent-internal"
  );
}

export interface LoggedError {
  /** null in agents before 4.3.1.0. */
  errCode: string | null;
  /** null for a code that we have never heard of. */
  kind: FailureKind | null;
  message: string;
}

const ERROR_LINE = /ERROR:\s*(?:\[([A-Za-z0-9_.]+)\]:\s*)?(.*)$/s;

/** The error that a line of a task log tells of: `ERROR: [<errCode>]: <message>`; null for any other line. */
export function readLogError(line: string): LoggedError | null {
  const found = ERROR_LINE.exec(line);
  if (!found) return null;
  const errCode = found[1] ?? null;
  const message = (found[2] ?? "").trim();
  // What an agent words itself has no code of its own, also where it is about a request to another one.
  const isOfPeer = errCode === "Common.Unexpected" && (DIAL_ERROR.test(message) || PEER_REQUEST.test(message));
  return { errCode, kind: isOfPeer ? "peer-failed" : (errCode && kindOfErrCode(errCode)) || null, message };
}
