import { expect, test } from "vitest";
import { commandLine, stopCall } from "./stop-request";

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

test("the command line names the same scope and the same method", () => {
  expect(commandLine({ type: "GLOBAL" }, "force")).toBe("obshell cluster stop -a -f");
  expect(commandLine(zone("zone2"), "stop")).toBe("obshell cluster stop -z zone2 -I");
  expect(commandLine({ type: "SERVER", target: ["10.0.1.1:2886", "10.0.1.2:2886"] }, "terminate")).toBe(
    "obshell cluster stop -s 10.0.1.1:2886,10.0.1.2:2886 -t",
  );
});
