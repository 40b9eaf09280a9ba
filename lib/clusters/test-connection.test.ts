import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freshStore, type FreshStore } from "../db/testing/fresh-store";
import type { Fault } from "../simulator/fault";
import { createAgentClient } from "../obshell/client";
import { createTransport } from "../obshell/transport";
import { startSimulator, type Simulator, type SimulatorOptions } from "../simulator/cluster";
import { compareKey } from "./known-keys";
import type { TestStep } from "./schema";
import { secondAddress } from "./testing/second-address";
import { findTest, testConnection } from "./test-connection";

const PASSWORD = "Str0ng#密码";
let fresh: FreshStore;
let simulator: Simulator | null = null;
beforeEach(async () => {
  fresh = await freshStore();
});
afterEach(async () => {
  await simulator?.close();
  simulator = null;
  await fresh.dispose();
});

async function play(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: PASSWORD, ...options });
  return simulator;
}
const at = (index: number): string => simulator?.agents[index]?.address ?? "";

const run = (agents: string[], password = PASSWORD, clusterId: string | null = null): Promise<TestStep[]> =>
  testConnection(
    { clusterId, agents, credentials: { password, tls: null } },
    { testId: crypto.randomUUID(), personId: "p1" },
  );
const states = (steps: readonly TestStep[]) => Object.fromEntries(steps.map(({ id, state }) => [id, state]));
const said = (steps: readonly TestStep[], id: string) => {
  const step = steps.find((one) => one.id === id);
  return step?.failure?.kind ?? step?.said;
};
/** The steps from this one on were not tried. */
const stoppedAt = (steps: readonly TestStep[]) => {
  const failed = steps.findIndex(({ state }) => state === "failed");
  expect(steps.slice(failed + 1).every(({ state }) => state === "skipped")).toBe(true);
  return steps[failed]?.id;
};

test("a cluster that is in order passes every step, and nothing is remembered", async () => {
  await play();
  const steps = await run([at(0), at(1)]);
  expect(states(steps)).toEqual({
    ...{ address: "ok", tls: "ok", identity: "ok", version: "ok", key: "ok", clock: "ok" },
    ...{ password: "ok", agents: "ok", database: "ok" },
  });
  expect(said(steps, "key")).toBe("keyFirst");
  expect(steps.find(({ id }) => id === "database")?.params).toMatchObject({ zones: 3, servers: 3 });
  expect(said(await run([at(0)]), "key")).toBe("keyFirst");
});

test("a wrong password is sent once, and the same one not again", async () => {
  const { requests } = await play();
  const steps = await run([at(0), at(1), at(2)], "wrong");
  expect(stoppedAt(steps)).toBe("password");
  expect(said(steps, "password")).toBe("password-rejected");
  await run([at(0)], "wrong");
  expect(requests.filter(({ path }) => path.includes("/ob/agents"))).toHaveLength(1);
  expect(said(await run([at(0)]), "password")).toBe("passwordTaken");
});

describe("what is wrong is told at its step, with what to do", () => {
  test.each<[string, Fault, string, string]>([
    ["an agent that is gone", { kind: "agent-down" }, "address", "addressRefused"],
    ["one that takes connections and is silent", { kind: "silent" }, "identity", "agent-timeout"],
    ["something that is no agent", { kind: "garbage" }, "identity", "answer-unreadable"],
    ["answers that are cut", { kind: "truncated" }, "identity", "answer-unreadable"],
    ["another password", { kind: "wrong-password" }, "password", "password-rejected"],
    ["no database", { kind: "database-down" }, "database", "databaseDown"],
  ])(
    "%s",
    async (_what, fault, step, word) => {
      await play();
      simulator?.setFault("*", fault);
      const steps = await run([at(0)]);
      expect(stoppedAt(steps)).toBe(step);
      expect(said(steps, step)).toBe(word);
    },
    30_000,
  );

  test("a key other than the remembered one: no password is sent", async () => {
    const { requests } = await play();
    const client = createAgentClient({ address: at(0), transport: createTransport(), password: "" });
    await compareKey("c1", at(0), await client.publicKey());
    expect(said(await run([at(0)], PASSWORD, "c1"), "key")).toBe("keyKnown");
    const sent = requests.length;
    simulator?.setFault(at(0), { kind: "key-change" });
    const steps = await run([at(0)], PASSWORD, "c1");
    expect(said(steps, "key")).toBe("keyChanged");
    expect(states(steps)).toMatchObject({ clock: "skipped", password: "skipped", database: "skipped" });
    expect(requests).toHaveLength(sent);
  });

  test("clocks of agents that are apart make stops fail; a clock apart from the console's alone does not", async () => {
    await play();
    simulator?.setFault(at(1), { kind: "clock-skew", seconds: 14 });
    const apart = await run([at(0), at(1), at(2)]);
    expect(said(apart, "clock")).toBe("clockAgents");
    expect(apart.find(({ id }) => id === "clock")?.items[0]).toContain(at(1));
    expect(states(apart)).toMatchObject({ password: "ok", agents: "ok", database: "ok" });
    simulator?.setFault("*", { kind: "clock-skew", seconds: 14 });
    const together = await run([at(0), at(2)]);
    expect(said(together, "clock")).toBe("clockConsole");
    expect(states(together)).toMatchObject({ clock: "warn", password: "ok" });
  });

  test("an agent of the cluster that is silent is named, and the database is asked all the same", async () => {
    await play();
    simulator?.setFault(at(2), { kind: "agent-down" });
    const steps = await run([at(0)]);
    expect(said(steps, "agents")).toBe("agentsSilent");
    expect(steps.find(({ id }) => id === "agents")?.items).toEqual([at(2)]);
    expect(said(steps, "database")).toBe("databaseAnswers");
  });

  test("one address of several that does not answer is a remark", async () => {
    await play();
    const steps = await run(["127.0.0.1:1999", at(0)]);
    expect(said(steps, "address")).toBe("addressSome");
    expect(states(steps)).toMatchObject({ address: "warn", database: "ok" });
  });

  test("an agent of another cluster in the list is named", async () => {
    await play();
    const other = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "other" });
    const stranger = other.agents[0]?.address ?? "";
    const steps = await run([at(0), stranger]);
    expect(said(steps, "agents")).toBe("agentsForeign");
    expect(steps.find(({ id }) => id === "agents")?.items).toEqual([stranger]);
    await other.close();
  });

  describe("an address by which no member is known", () => {
    const closing: { close: () => Promise<void> }[] = [];
    afterEach(() => Promise.all(closing.splice(0).map(({ close }) => close())));
    const second = async (...args: Parameters<typeof secondAddress>) => {
      const made = await secondAddress(...args);
      closing.push(made);
      return made;
    };
    const agents = (steps: readonly TestStep[]) => steps.find(({ id }) => id === "agents");

    test("that leads to a member is that member, beside its own address or alone", async () => {
      await play();
      const { address } = await second(at(1));
      for (const typed of [[at(0), at(1), address], [at(0), address], [address]]) {
        const steps = await run(typed);
        expect(agents(steps)).toMatchObject({
          state: "warn",
          said: "agentsElsewhere",
          items: [`${address} = ${at(1)}`],
        });
        expect(states(steps)).toMatchObject({ password: "ok", database: "ok" });
      }
      expect(said(await run([address]), "identity")).toBe("identityElsewhere");
    });

    test("that calls itself a member and shows another key than that one is of no member", async () => {
      await play();
      const { address } = await second(at(1), { keyOf: at(2) });
      const steps = await run([at(0), address]);
      expect(agents(steps)).toMatchObject({ state: "failed", said: "agentsForeign", items: [address] });
    });

    test("that calls itself a member which cannot be reached: known by the key that is remembered, else by nothing", async () => {
      await play();
      simulator?.setFault(at(2), { kind: "agent-down" });
      // Agent 1 plays agent 2 behind a translation of addresses: the cluster's own address of that one leads nowhere.
      const { address } = await second(at(1), { calls: at(2) });
      const keyAt = (agent: string) =>
        createAgentClient({ address: agent, transport: createTransport(), password: "" }).publicKey();
      expect(agents(await run([at(0), address]))).toMatchObject({ said: "agentsSilent", items: [at(2)] });
      await compareKey("c1", at(2), await keyAt(at(1)));
      expect(agents(await run([at(0), address], PASSWORD, "c1"))).toMatchObject({
        ...{ state: "failed", said: "agentsOnlyElsewhere", items: [`${address} = ${at(2)}`] },
      });
      await compareKey("c2", at(2), await keyAt(at(0)));
      expect(agents(await run([at(0), address], PASSWORD, "c2"))).toMatchObject({ said: "agentsForeign" });
    });

    test("from here another agent may answer at a member's own address: that is told before anything is sent there", async () => {
      await play();
      const { address } = await second(at(1), { calls: at(2) });
      expect(agents(await run([address]))).toMatchObject({ state: "failed", said: "agentsMisled", items: [at(2)] });
    });

    test("that takes connections and says nothing is silent, and nobody's", async () => {
      await play();
      const other = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "other" });
      closing.push(other);
      const stranger = other.agents[0]?.address ?? "";
      other.setFault(stranger, { kind: "silent" });
      expect(agents(await run([at(0), stranger]))).toMatchObject({ said: "agentsSilent", items: [stranger] });
    });

    test("no password is sealed for what calls itself a known agent and shows another key", async () => {
      const { requests } = await play();
      const client = createAgentClient({ address: at(1), transport: createTransport(), password: "" });
      await compareKey("c1", at(1), await client.publicKey());
      const { address } = await second(at(1), { keyOf: at(2) });
      expect(said(await run([address], PASSWORD, "c1"), "key")).toBe("keyChanged");
      expect(requests.filter(({ path }) => path.includes("/ob/agents"))).toEqual([]);
    });
  });

  test.each([
    ["4.2.3.0", "versionOld", "keyShort"],
    ["4.4.1.0", "versionGood", "keyShort"],
    ["4.5.0.0", "versionGood", "keyFirst"],
  ] as const)("an agent of %s: %s, %s", async (version, versionWord, keyWord) => {
    await play({ version });
    const steps = await run([at(0)]);
    expect([said(steps, "version"), said(steps, "key")]).toEqual([versionWord, keyWord]);
    expect(steps.every(({ state }) => state === "ok" || state === "warn")).toBe(true);
  });

  test("a port where nothing listens, one where something else does", async () => {
    expect(said(await run(["127.0.0.1:1999"]), "address")).toBe("addressRefused");
    const server = createServer((socket) => void socket.end("220 mail.example ESMTP\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const steps = await run([`127.0.0.1:${port}`]);
    expect(["address", "identity"]).toContain(stoppedAt(steps));
    server.close();
  });
});

test("each step is to be seen while the test goes on, by the person who began it and nobody else", async () => {
  await play();
  simulator?.setFault("*", { kind: "slow", delayMs: 150 });
  const testId = crypto.randomUUID();
  const what = { clusterId: null, agents: [at(0)], credentials: { password: PASSWORD, tls: null } };
  const going = testConnection(what, { testId, personId: "p1" });
  const seen = new Set<string>();
  for (let isOver = false; !isOver;) {
    const known = findTest(testId, "p1");
    for (const { id, state } of known?.steps ?? []) if (state === "running") seen.add(id);
    isOver = known?.isOver ?? true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await going;
  expect([...seen]).toEqual(expect.arrayContaining(["address", "identity", "password"]));
  expect(findTest(testId, "p2")).toBeNull();
});
