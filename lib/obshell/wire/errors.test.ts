import { describe, expect, test } from "vitest";
import { isBareUnauthorized, kindOfErrCode, kindOfRefusal, leavesOutcomeOpen, readLogError } from "./errors";

const refusal = (parts: Partial<Parameters<typeof kindOfRefusal>[0]>) => ({
  httpStatus: 400,
  errCode: null,
  code: null,
  message: "",
  ...parts,
});

test.each([
  ["Request.Header.NotFound", "header-rejected"],
  ["Security.Authentication.Header.DecryptFailed", "agent-key-changed"],
  ["Security.Authentication.Header.UriMismatch", "header-rejected"],
  ["Security.Authentication.Expired", "clock-skew"],
  ["Security.Authentication.IncorrectOceanbasePassword", "password-rejected"],
  ["Security.Authentication.WithAgentPassword", "password-kind"],
  ["Common.BindJsonFailed", "request-refused"],
  ["Common.NotFound", "not-supported"],
  ["OB.Zone.NotExist", "target-unknown"],
  ["Agent.NotExist", "target-unknown"],
  ["Agent.Identify.NotSupportOperation", "agent-not-in-cluster"],
  ["OB.Cluster.ForceStopOrTerminateRequired", "global-needs-mode"],
  ["OB.Cluster.StopModeConflict", "mode-conflict"],
  ["OB.Cluster.ForceStopRequired", "force-required"],
  ["OB.Server.StoppedInMultiZone", "other-zone-stopped"],
  ["OB.Cluster.Tenant.Replica.Invalid", "majority-lost"],
  ["OB.Cluster.NotInitialized", "cluster-not-initialized"],
  ["MySQL.Error", "sql-refused"],
  ["Agent.RPC.RequestError", "peer-failed"],
  ["Agent.OceanBase.NotHold", "database-unavailable"],
  ["Task.NotFound", "task-not-found"],
  ["Task.GenericID.Invalid", "task-id-invalid"],
  ["Task.CreateFailed", "task-create-failed"],
  ["Task.Dag.Operator.PassNotFailedDag", "dag-operation-refused"],
  ["Task.Node.Operator.NotSupport", "dag-operation-refused"],
  ["Gorm.NoRowAffected", "concurrent-change"],
  ["Agent.UnderMaintenanceDag", "under-maintenance"],
  ["Task.SubDag.NotAllCreated", "agents-not-ready"],
  ["Task.SubDag.NotAllAdvanced", "agents-not-done"],
  ["Task.SubDag.NotAllSucceed", "agents-not-done"],
  ["OB.Cluster.MinorFreezeTimeout", "flush-timeout"],
])("%s is %s", (errCode, kind) => {
  expect(kindOfErrCode(errCode)).toBe(kind);
  expect(kindOfRefusal(refusal({ errCode }))).toBe(kind);
});

test.each([
  [400, 1000, "not-supported"],
  [400, 1001, "agent-refused"],
  [500, 1002, "agent-internal"],
  [404, 1003, "not-supported"],
  [500, 1010, "agent-refused"],
  [404, 2300, "task-not-found"],
  [500, 2301, "task-create-failed"],
  [401, 10000, "permission-denied"],
  [401, 10008, "password-rejected"],
  [500, 10009, "agent-not-in-cluster"],
])("the old answer %i/%i is %s", (httpStatus, code, kind) => {
  expect(kindOfRefusal(refusal({ httpStatus, code }))).toBe(kind);
});

describe("an old 10008", () => {
  test.each([
    ["decrypt header failed", "agent-key-changed"],
    ["auth expired", "clock-skew"],
    ["uri mismatch", "header-rejected"],
    ["wrong password", "password-rejected"],
  ])("that says %j is %s and not bare", (message, kind) => {
    const said = refusal({ httpStatus: 401, code: 10008, message });
    expect(kindOfRefusal(said)).toBe(kind);
    expect(isBareUnauthorized(said)).toBe(false);
  });

  test("that says nothing is bare, and a string code that says enough is not", () => {
    expect(isBareUnauthorized(refusal({ code: 10008, message: "unauthorized" }))).toBe(true);
    expect(isBareUnauthorized(refusal({ code: 10008, errCode: "Security.Authentication.Expired" }))).toBe(false);
  });
});

test("codes and statuses that nobody has heard of still have a kind", () => {
  expect(kindOfRefusal(refusal({ errCode: "Brand.New" }))).toBe("agent-refused");
  expect(kindOfRefusal(refusal({ errCode: "constructor" }))).toBe("agent-refused");
  expect(kindOfRefusal(refusal({ httpStatus: 500, errCode: "Brand.New" }))).toBe("agent-internal");
  expect(kindOfRefusal(refusal({ httpStatus: 401, code: 4711 }))).toBe("permission-denied");
});

test("a request that was passed on to a silent peer blames the peer", () => {
  const message =
    'Unexpected error: Post "http://10.0.0.12:2886/...": dial tcp 10.0.0.12:2886: connect: connection refused';
  expect(kindOfRefusal(refusal({ httpStatus: 500, errCode: "Common.Unexpected", message }))).toBe("peer-failed");
});

test("a break-down leaves the outcome of a write open, a refusal does not", () => {
  expect(leavesOutcomeOpen(refusal({ httpStatus: 500, errCode: "Common.Unexpected" }))).toBe(true);
  expect(leavesOutcomeOpen(refusal({ httpStatus: 500, code: 1002 }))).toBe(true);
  expect(leavesOutcomeOpen(refusal({ httpStatus: 500, errCode: "Brand.New" }))).toBe(true);
  expect(leavesOutcomeOpen(refusal({ httpStatus: 500, code: 1010 }))).toBe(false);
  expect(leavesOutcomeOpen(refusal({ httpStatus: 500, errCode: "Agent.RPC.RequestError" }))).toBe(false);
  expect(leavesOutcomeOpen(refusal({ httpStatus: 400, errCode: "OB.Cluster.ForceStopRequired" }))).toBe(false);
});

describe("a line of a task log", () => {
  test("tells code, kind and message", () => {
    expect(readLogError("ERROR: [Task.SubDag.NotAllCreated]: agents 10.0.0.12:2886")).toEqual({
      errCode: "Task.SubDag.NotAllCreated",
      kind: "agents-not-ready",
      message: "agents 10.0.0.12:2886",
    });
  });

  test("may come with the sub task's name before it, a new code, or none", () => {
    expect(readLogError("Stop observer: ERROR: [OB.Cluster.AsyncOperationTimeout]: kill")?.kind).toBe(
      "agents-not-done",
    );
    expect(readLogError("ERROR: [Brand.New]: x")).toEqual({ errCode: "Brand.New", kind: null, message: "x" });
    expect(readLogError("ERROR: agent is under maintenance, dag id: 17")).toEqual({
      errCode: null,
      kind: null,
      message: "agent is under maintenance, dag id: 17",
    });
  });

  test.each([
    `failed: Post "http://127.0.0.4:4886/rpc/v1/ob/stop": dial tcp 127.0.0.4:4886: connect: connection refused`,
    `failed: Post "http://127.0.0.4:4886/rpc/v1/ob/stop": EOF`,
    "error: Unauthorized: Authentication expired",
  ])("in an agent's own words about a request to a peer blames the peer: %s", (end) => {
    const request = `Request [POST]127.0.0.4:4886 to /rpc/v1/ob/stop ${end}`;
    const message = `Unexpected error: 127.0.0.4:4886 failed to create the task due to '${request}' and will try again[1/3].`;
    expect(readLogError(`ERROR: [Common.Unexpected]: ${message}`)).toEqual({
      errCode: "Common.Unexpected",
      kind: "peer-failed",
      message,
    });
    expect(readLogError("ERROR: [Common.Unexpected]: Unexpected error: start zone failed")?.kind).toBe(
      "agent-internal",
    );
  });

  test("is no error when it does not say so", () => {
    expect(readLogError("inform 10.0.0.11:2886")).toBeNull();
  });
});
