import { expect, test } from "vitest";
import { parseAgents } from "./parse-agents";

test("a list pasted from anywhere becomes addresses, each once, in order", () => {
  const text = "10.0.0.11:2886, 10.0.0.12\n http://10.0.0.13:20000/;[fd00::11]:2886 fd00::12 10.0.0.11:2886";
  expect(parseAgents(text)).toEqual({
    agents: ["10.0.0.11:2886", "10.0.0.12:2886", "10.0.0.13:20000", "[fd00::11]:2886", "[fd00::12]:2886"],
    unknown: [],
    badPort: [],
  });
});

test("what is no address is told, never dropped", () => {
  const { agents, unknown, badPort } = parseAgents("ob-host-1 10.0.0.300:2886 10.0.0.1:80 10.0.0.2");
  expect(agents).toEqual(["10.0.0.2:2886"]);
  expect(unknown).toEqual(["ob-host-1", "10.0.0.300:2886"]);
  expect(badPort).toEqual(["10.0.0.1:80"]);
});

test("an IPv4 address that is written in an IPv6 one is that IPv4 address, and Chinese commas are commas", () => {
  expect(parseAgents("[::ffff:1.2.3.4]:2886，1.2.3.4、FD00::1；ob-host").agents).toEqual([
    ...["1.2.3.4:2886", "[fd00::1]:2886"],
  ]);
});

test("nothing typed is nothing found", () => {
  expect(parseAgents("  \n ")).toEqual({ agents: [], unknown: [], badPort: [] });
});
