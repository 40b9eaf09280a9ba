import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startOver } from "../db/key-ring";
import { openStore } from "../db/store";
import { ENGINES, freshStore, restartProcess, type FreshStore } from "../db/testing/fresh-store";
import { startSimulator, type Simulator } from "../simulator/cluster";
import { trustAgents } from "./agent-keys";
import { compareKey, forgetKeysBut, knownKeys } from "./known-keys";
import { refreshClusters } from "./refresh-clusters";
import { agentOf, clusterCard, findCluster, listClusters, shadowedClusters } from "./registry";
import { rowOfCluster } from "./stored-clusters";
import { readTopology } from "./topology";

const IN_FILE = { id: "file-core", environment: "TEST", agents: ["127.0.0.1:2886"], passwordEnv: "TEST_PASSWORD" };

async function store(id: string, agents: string[], password: string): Promise<void> {
  const { db } = await openStore();
  const cluster = { id, name: `the ${id}`, environment: "PROD" as const, agents, twoPerson: true };
  const row = await rowOfCluster({ ...cluster, credentials: { password, tls: null } }, "li.wei");
  await db.deleteFrom("cluster").where("id", "=", id).execute();
  await db.insertInto("cluster").values(row).execute();
}

test("clusters of the file are there at once, without a store", async () => {
  vi.stubEnv("TEST_PASSWORD", "secret");
  const fresh = await freshStore("sqlite", { clusters: [{ ...IN_FILE, twoPerson: true }] });
  const card = { id: "file-core", name: "file-core", environment: "TEST", twoPerson: true, source: "file" };
  expect(listClusters()).toEqual([card]);
  expect(clusterCard("file-core")).toEqual(card);
  expect(existsSync(join(fresh.folder, "data"))).toBe(false);
  await fresh.dispose();
});

describe.each(ENGINES)("the registry on %s", (engine) => {
  let fresh: FreshStore;
  let simulator: Simulator | null = null;
  beforeEach(async () => {
    vi.stubEnv("TEST_PASSWORD", "secret");
    fresh = await freshStore(engine, { clusters: [IN_FILE] });
  });
  afterEach(async () => {
    await fresh.dispose();
    await simulator?.close();
    simulator = null;
  });

  test("a cluster of the store comes with the next refresh, and goes with it", async () => {
    await store("prod", ["10.0.0.1:2886"], "s3cret");
    expect(() => findCluster("prod")).toThrow("cluster-unknown");
    await refreshClusters();
    expect(listClusters().map(({ id, source, twoPerson }) => [id, source, twoPerson])).toEqual([
      ["file-core", "file", false],
      ["prod", "store", true],
    ]);
    expect(findCluster("prod").credentials).toEqual({ password: "s3cret", tls: null });
    const { db } = await openStore();
    await db.deleteFrom("cluster").execute();
    await refreshClusters();
    expect(() => agentOf("prod", "10.0.0.1:2886")).toThrow("cluster-unknown");
  });

  test("the file wins over a cluster of the store with its id, and that is told", async () => {
    await store("file-core", ["10.0.0.1:2886"], "other");
    await refreshClusters();
    expect(findCluster("file-core")).toMatchObject({ source: "file", credentials: { password: "secret" } });
    expect(shadowedClusters()).toEqual(["file-core"]);
  });

  test("what has not changed keeps its client; what has gets a new one, with its new password", async () => {
    await store("prod", ["10.0.0.1:2886"], "old");
    await refreshClusters();
    const client = agentOf("prod", "10.0.0.1:2886");
    await refreshClusters();
    expect(agentOf("prod", "10.0.0.1:2886")).toBe(client);
    await store("prod", ["10.0.0.1:2886"], "new");
    await refreshClusters();
    expect(agentOf("prod", "10.0.0.1:2886")).not.toBe(client);
    expect(findCluster("prod").credentials?.password).toBe("new");
  });

  test("agents that were met before are asked after a change of settings, until their keys are forgotten", async () => {
    simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "s3cret" });
    await store("prod", [simulator.agents[0]?.address ?? ""], "s3cret");
    await refreshClusters();
    expect((await readTopology("prod")).zones).toHaveLength(3);
    await vi.waitFor(async () => expect((await knownKeys("prod")).size).toBe(3));
    await store("prod", ["127.0.0.1:1"], "s3cret");
    await refreshClusters();
    expect((await readTopology("prod")).zones).toHaveLength(3);
    await forgetKeysBut("prod", ["127.0.0.1:1"], (await openStore()).db);
    await store("prod", ["127.0.0.1:1"], "another");
    await refreshClusters();
    await expect(readTopology("prod")).rejects.toThrow("agent-unreachable");
  });

  test("a master key that is gone leaves the cluster, says so, and takes credentials anew", async () => {
    await store("prod", ["10.0.0.1:2886"], "old");
    await restartProcess();
    vi.stubEnv("STANDDOWN_KEY", Buffer.alloc(32, 7).toString("base64"));
    if (engine === "postgres") await startOver();
    await refreshClusters();
    expect(clusterCard("prod").name).toBe("the prod");
    expect(() => agentOf("prod", "10.0.0.1:2886")).toThrow("credentials-lost");
    await expect(readTopology("prod")).rejects.toThrow("credentials-lost");
    await store("prod", ["10.0.0.1:2886"], "again");
    await refreshClusters();
    expect(findCluster("prod").credentials?.password).toBe("again");
  });

  test("no password is sealed for an agent that shows another key, until a person has accepted it", async () => {
    simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "s3cret" });
    const [one = "", two = ""] = simulator.agents.map(({ address }) => address);
    await store("prod", [one, two], "s3cret");
    await refreshClusters();
    expect(await agentOf("prod", one).agents()).toHaveLength(3);
    expect([...(await knownKeys("prod")).keys()]).toEqual([one]);

    simulator.setFault(one, { kind: "key-change" });
    const sent = simulator.requests.length;
    await restartProcess();
    await refreshClusters();
    await expect(agentOf("prod", one).agents()).rejects.toMatchObject({
      kind: "agent-key-changed",
      facts: { params: { address: one } },
    });
    expect(simulator.requests.slice(sent)).toEqual([]);
    expect(await agentOf("prod", two).agents()).toHaveLength(3);

    const published = await agentOf("prod", one).publicKey();
    await trustAgents("prod", [[one, published]], "li.wei");
    expect(await agentOf("prod", one).agents()).toHaveLength(3);
    expect((await knownKeys("prod")).get(one)).toMatchObject({ acceptedBy: "li.wei", bits: 1024 });
    expect(await compareKey("prod", one, published)).toMatchObject({ state: "known" });
  });

  test("a key that changes under a going console is refused after the one attempt with the old key", async () => {
    simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "s3cret" });
    const one = simulator.agents[0]?.address ?? "";
    await store("prod", [one], "s3cret");
    await refreshClusters();
    await agentOf("prod", one).agents();
    simulator.setFault(one, { kind: "key-change" });
    const scope = { type: "SERVER" as const, target: [one] };
    await expect(agentOf("prod", one).stop({ scope, mode: "force", forcePassDag: [] })).rejects.toMatchObject({
      kind: "agent-key-changed",
      sent: "no",
    });
    expect(simulator.requests.filter(({ path }) => path.endsWith("/stop")).map(({ outcome }) => outcome)).toEqual([
      401,
    ]);
  });

  test("the keys of an earlier version's file are taken over once", async () => {
    mkdirSync(join(fresh.folder, "data"), { recursive: true });
    const file = join(fresh.folder, "data", "known-keys.json");
    const remembered = { "prod 10.0.0.1:2886": { fingerprint: "abc", since: "2026-01-01T00:00:00.000Z" } };
    writeFileSync(file, JSON.stringify(remembered));
    expect((await knownKeys("prod")).get("10.0.0.1:2886")).toMatchObject({ fingerprint: "abc", bits: null });
    expect(existsSync(file)).toBe(false);
  });
});
