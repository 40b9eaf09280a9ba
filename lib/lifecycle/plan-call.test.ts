import { expect, test } from "vitest";
import { commandLine, requestsOf, startCall, stopCall } from "./plan-call";

const servers = { type: "SERVER", target: ["10.0.1.1:2886"] } as const;
const zone = (...target: string[]) => ({ type: "ZONE" as const, target });
const body = (call: { body: unknown }) => JSON.stringify(call.body);

test("a plain stop carries its scope and no mode at all", () => {
  const call = stopCall({ ...servers, target: [...servers.target] }, "stop", [], "4.5.0.0");
  expect(call.path).toBe("/api/v1/ob/stop");
  expect(body(call)).toBe('{"scope":{"type":"SERVER","target":["10.0.1.1:2886"]}}');
});

test("force and flush are one flag each, never both", () => {
  expect(body(stopCall(zone("zone2"), "force", [], "4.5.0.0"))).toBe(
    '{"scope":{"type":"ZONE","target":["zone2"]},"force":true}',
  );
  expect(body(stopCall({ type: "GLOBAL" }, "terminate", [], "4.5.0.0"))).toBe(
    '{"scope":{"type":"GLOBAL"},"terminate":true}',
  );
});

test("flushing one whole zone uses the zone endpoint, where the cluster itself checks the majority", () => {
  const call = stopCall(zone("zone 2"), "terminate", [], "4.4.1.0");
  expect(call.path).toBe("/api/v1/ob/zone/zone%202/stop");
  expect(body(call)).toBe('{"freeze_server":true}');
});

test("agents before 4.4.1.0 and several zones are flushed through the general endpoint", () => {
  expect(stopCall(zone("zone2"), "terminate", [], "4.3.1.0").path).toBe("/api/v1/ob/stop");
  expect(stopCall(zone("zone2", "zone3"), "terminate", [], "4.5.0.0").path).toBe("/api/v1/ob/stop");
});

test("runs to be closed go as an object of ids, sorted, and only when there are any", () => {
  const call = stopCall(zone("zone2"), "stop", ["22", "21"], "4.5.0.0");
  expect(call.body).toMatchObject({ forcePassDag: { id: ["21", "22"] } });
});

test("a start carries its scope, and what it releases", () => {
  expect(body(startCall(zone("zone2"), []))).toBe('{"scope":{"type":"ZONE","target":["zone2"]}}');
  expect(startCall({ type: "GLOBAL" }, ["21"]).body).toEqual({
    scope: { type: "GLOBAL" },
    forcePassDag: { id: ["21"] },
  });
});

test("the command line names the same scope and the same method", () => {
  expect(commandLine(stopCall({ type: "GLOBAL" }, "force", [], null))).toBe("obshell cluster stop -a -f");
  expect(commandLine(stopCall(zone("zone2"), "stop", [], null))).toBe("obshell cluster stop -z zone2 -I");
  expect(commandLine(stopCall(zone("zone2"), "terminate", [], "4.5.0.0"))).toBe("obshell cluster stop -z zone2 -t");
  const two = { type: "SERVER" as const, target: ["10.0.1.1:2886", "10.0.1.2:2886"] };
  expect(commandLine(stopCall(two, "terminate", [], null))).toBe(
    "obshell cluster stop -s 10.0.1.1:2886,10.0.1.2:2886 -t",
  );
  expect(commandLine(startCall(two, []))).toBe("obshell cluster start -s 10.0.1.1:2886,10.0.1.2:2886");
});

test("every request of an operation goes to the agent that owns its task", () => {
  const parts = [
    { agent: "10.0.0.11:2886", taskId: "201677721710288617", does: "cancel" as const },
    { agent: "10.0.0.12:2886", taskId: "20167772172028869", does: "release" as const },
    { agent: "10.0.0.11:2886", taskId: "201677721710288644", does: "pass-node" as const },
  ];
  expect(
    requestsOf({ call: "operate", parts }, null).map(({ agent, path, body: sent }) => [agent, path, JSON.parse(sent)]),
  ).toEqual([
    ["10.0.0.11:2886", "/api/v1/task/dag/201677721710288617", { operator: "CANCEL" }],
    ["10.0.0.12:2886", "/api/v1/task/dag/20167772172028869", { operator: "PASS" }],
    ["10.0.0.11:2886", "/api/v1/task/node/201677721710288644", { operator: "PASS" }],
  ]);
});
