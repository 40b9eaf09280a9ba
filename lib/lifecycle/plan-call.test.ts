import { execFileSync } from "node:child_process";
import fc from "fast-check";
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
  const two = { type: "SERVER" as const, target: ["10.0.1.1:2886", "10.0.1.2:2886"] };
  expect(commandLine(stopCall(two, "terminate", [], null))).toBe(
    "obshell cluster stop -s 10.0.1.1:2886,10.0.1.2:2886 -t",
  );
  expect(commandLine(startCall(two, []))).toBe("obshell cluster start -s 10.0.1.1:2886,10.0.1.2:2886");
});

test("a command is given only where it does the same: not for the zone endpoint, nor for what is done with a run", () => {
  // The CLI posts /ob/stop with terminate, which checks no majority.
  expect(commandLine(stopCall(zone("zone2"), "terminate", [], "4.5.0.0"))).toBe("");
  expect(commandLine(stopCall(zone("zone2"), "terminate", [], "4.3.1.0"))).toBe("obshell cluster stop -z zone2 -t");
  expect(commandLine({ call: "operate", parts: [] })).toBe("");
  expect(commandLine(null)).toBe("");
});

test("a command carries what it releases", () => {
  const ids = ["201677721710288622", "201677721710288617"];
  const list = "201677721710288617,201677721710288622";
  expect(commandLine(stopCall(zone("zone2"), "force", ids, null))).toBe(`obshell cluster stop -z zone2 -f -i ${list}`);
  expect(commandLine(startCall({ type: "GLOBAL" }, ids))).toBe(`obshell cluster start -a -i ${list}`);
});

test("a command is quoted for any shell", () => {
  const v6 = { type: "SERVER" as const, target: ["[fd00::11]:2886", "[fd00::12]:2886"] };
  expect(commandLine(stopCall(v6, "force", [], null))).toBe(
    "obshell cluster stop -s '[fd00::11]:2886,[fd00::12]:2886' -f",
  );
  expect(commandLine(stopCall(zone("zone 2"), "stop", [], null))).toBe("obshell cluster stop -z 'zone 2' -I");
  expect(commandLine(stopCall(zone("it's $HOME"), "stop", [], null))).toBe(
    String.raw`obshell cluster stop -z 'it'\''s $HOME' -I`,
  );
  expect(commandLine(startCall(zone("上海一区"), []))).toBe("obshell cluster start -z '上海一区'");
  expect(commandLine(startCall(zone("-zone2"), []))).toBe("obshell cluster start --zone=-zone2");
});

test("what the CLI cannot be told, or no terminal should be given, has no command", () => {
  for (const name of ["a,b", " zone2", "zone2 ", "zone2\n", "\u001b[31m", "zone\u202e2", "zone\u200b2", ""])
    expect(commandLine(startCall(zone("zone1", name), []))).toBe("");
});

/** The words that a POSIX shell makes of a command. */
const wordsOf = (command: string): string[] =>
  execFileSync("sh", ["-c", `printf '%s\\0' ${command}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

test("a shell makes of a command exactly the names that the request carries", () => {
  const odd = fc.string({
    unit: fc.constantFrom(...`az-_.~*?[]{}()<>|&;#!"'\`\\$ =%^上🀄`),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.uniqueArray(odd, { minLength: 1, maxLength: 3 }), (names) => {
      const command = commandLine(startCall(zone(...names), []));
      if (command === "") return;
      const [, , , ...rest] = wordsOf(command);
      const told = rest[0] === "-z" ? rest[1] : rest[0]?.replace(/^--zone=/, "");
      expect(told?.split(",")).toEqual(names);
      expect(rest).toHaveLength(rest[0] === "-z" ? 2 : 1);
    }),
    { numRuns: 60 },
  );
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
