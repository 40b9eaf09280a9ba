import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAgents } from "@/components/clusters/parse-agents";
import { canonicalAddress, canonicalIp, parseAddress, readAgentAddress } from "./address";
import { clusterDraftSchema } from "./clusters/schema";

describe("an agent's address, however it is written, is one", () => {
  test.each([
    ["10.0.0.11:2886", "10.0.0.11:2886"],
    ["10.0.0.11", "10.0.0.11:2886"],
    [" http://10.0.0.11:20000/ ", "10.0.0.11:20000"],
    ["HTTPS://10.0.0.11", "10.0.0.11:2886"],
    ["10.0.0.11:02886", "10.0.0.11:2886"],
    ["１０．０．０．１１：２８８６", "10.0.0.11:2886"],
    ["[::ffff:1.2.3.4]:2886", "1.2.3.4:2886"],
    ["[::FFFF:0102:0304]:2886", "1.2.3.4:2886"],
    ["::ffff:1.2.3.4", "1.2.3.4:2886"],
    ["[FD00:0:0::0011]:2886", "[fd00::11]:2886"],
    ["fd00:0000:0000:0000:0000:0000:0000:0011", "[fd00::11]:2886"],
    ["[fd00::11]", "[fd00::11]:2886"],
    ["[2001:db8:0:0:1:0:0:1]:2886", "[2001:db8::1:0:0:1]:2886"],
    ["::1", "[::1]:2886"],
    ["\u200b10.0.0.11:2886\u200b", "10.0.0.11:2886"],
    ["\u202a[fd00::11]:2886\u202c", "[fd00::11]:2886"],
  ])("%s is %s", (text, address) => {
    expect(readAgentAddress(text)).toEqual({ address, problem: null });
  });

  test.each([
    ...["ob-host-1", "ob-host-1:2886", "10.0.0.300", "10.0.0", "010.0.0.1:2886", "0x0a.0.0.1", "10.0.0.1.", "1.2.3.4:"],
    ...["[fe80::1%eth0]:2886", "fe80::1%25eth0", "[1.2.3.4]:2886", "[::1", "::1]:2886", "[::ffff:1.2.3.400]:2886"],
    ...["1::2::3", "[12345::1]:2886", "", "10.0.0.1:28 86", "10.0.0.1:-1", "10.0.0.1:2886/x", "10.0.0.1 10.0.0.2"],
  ])("%j is none", (text) => expect(readAgentAddress(text)).toEqual({ address: null, problem: "unreadable" }));

  test.each(["10.0.0.1:80", "10.0.0.1:0", "[fd00::1]:65536", "10.0.0.1:1024"])("at %s no agent can listen", (text) =>
    expect(readAgentAddress(text)).toEqual({ address: null, problem: "port" }),
  );
});

/** As the server side takes what the form sends, and as it would take the same text raw. */
const draft = (agents: string[]) => ({
  ...{ name: "n", environment: "TEST", agents, twoPerson: false, password: "", tls: null },
});
const taken = (text: string) => clusterDraftSchema.safeParse(draft([text])).data?.agents;

test("the form and the server side take the same, and read the same in it", () => {
  const group = fc.oneof(fc.constant(""), fc.stringMatching(/^[0-9a-fA-F]{1,5}$/), fc.constant("ffff"));
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.array(group, { minLength: 2, maxLength: 9 }).map((groups) => groups.join(":")),
    fc.ipV4().map((ip) => `::ffff:${ip}`),
  );
  const typed = fc
    .tuple(address, fc.boolean(), fc.option(fc.nat({ max: 70_000 })), fc.boolean())
    .map(([ip, isBracketed, port, isUpper]) => {
      const text = `${isBracketed ? `[${ip}]` : ip}${port === null ? "" : `:${port}`}`;
      return isUpper ? text.toUpperCase() : text;
    });
  fc.assert(
    fc.property(typed, (text) => {
      const { agents } = parseAgents(text);
      expect(taken(text) ?? []).toEqual(agents);
      for (const one of agents) {
        expect(taken(one)).toEqual([one]); // what was read is read again as itself
        expect(canonicalAddress(one)).toBe(one);
        expect(parseAddress(one)).not.toBeNull();
      }
    }),
    { numRuns: 500 },
  );
});

test("one agent that is typed in several ways is one", () => {
  const agents = ["1.2.3.4", "[::ffff:1.2.3.4]:2886", "http://1.2.3.4:2886/"];
  expect(clusterDraftSchema.parse(draft(agents)).agents).toEqual(["1.2.3.4:2886"]);
  expect(parseAgents(agents.join("，")).agents).toEqual(["1.2.3.4:2886"]);
});

test("every IPv6 address has one canonical form, as URLs have it", () => {
  fc.assert(
    fc.property(fc.ipV6(), (ip) => {
      const canonical = canonicalIp(ip);
      if (canonical?.includes(":")) expect(new URL(`http://[${ip}]`).hostname).toBe(`[${canonical}]`);
      else expect(new URL(`http://[${ip}]`).hostname).toMatch(/^\[::ffff:/);
    }),
  );
});

test("what is no address is left as it is known", () => {
  expect(["10.0.0.1:2882#2", "ob-host-1:2886", "[FD00::1]:2886"].map(canonicalAddress)).toEqual([
    ...["10.0.0.1:2882#2", "ob-host-1:2886", "[fd00::1]:2886"],
  ]);
});
