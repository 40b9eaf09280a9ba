import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isDuplicate } from "../db/engine";
import { up as clusterClaims } from "../db/migrations/0005-cluster-claims";
import { openStore } from "../db/store";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { startSimulator, type Simulator } from "../simulator/cluster";
import { takeClaims } from "./claims";
import { listClusters } from "./registry";
import { refreshClusters } from "./refresh-clusters";
import { addCluster, changeCluster, removeCluster } from "./save-cluster";
import type { ClusterDraft } from "./schema";
import { secondAddress } from "./testing/second-address";

/** Nothing listens there, and connections are refused at once. */
const agent = (host: number) => `127.0.0.${host}:2999`;
const draft = (clusterId: string, name: string, agents: string[]): ClusterDraft & { clusterId: string } => ({
  ...{ clusterId, name, environment: "TEST", agents, twoPerson: false, password: "s3cret", tls: null },
});
const add = (id: string, name: string, agents: string[]) => addCluster(draft(id, name, agents), "li.wei");
const change = (id: string, name: string, agents: string[]) => changeCluster(draft(id, name, agents), "zhao");

/** As a migration gets it. The cast is safe: it names its tables itself. */
const untyped = (db: unknown) => db as Parameters<typeof clusterClaims>[0];

describe.each(ENGINES)("what no two registrations share, on %s", (engine) => {
  let fresh: FreshStore;
  let simulator: Simulator | null = null;
  beforeEach(async () => {
    vi.stubEnv("TEST_PASSWORD", "in-file");
    const inFile = { id: "file-core", name: "File Core", agents: [agent(9)], passwordEnv: "TEST_PASSWORD" };
    fresh = await freshStore(engine, { clusters: [inFile] });
  });
  afterEach(async () => {
    await fresh.dispose();
    await simulator?.close();
    simulator = null;
  });

  const taken = (name: string, id: string) => ({
    kind: "cluster-name-taken",
    facts: { params: { name, id, seen: "yes" } },
  });
  const registered = (name: string, id: string, list: string) => ({
    ...{ kind: "cluster-registered", facts: { params: { name, id, list, seen: "yes" } } },
  });

  test("a name, whatever its case and the spaces around it, of the store or of the file", async () => {
    await add("one", "Prod Core", [agent(1)]);
    await expect(add("two", " prod core ", [agent(2)])).rejects.toMatchObject(taken("Prod Core", "one"));
    await expect(add("two", "FILE core", [agent(2)])).rejects.toMatchObject(taken("File Core", "file-core"));
    await add("two", "other", [agent(2)]);
    await expect(change("two", "PROD core", [agent(2)])).rejects.toMatchObject(taken("Prod Core", "one"));
    // Its own name in another case is its own, and a name that was given up is free.
    await change("one", "prod core", [agent(1)]);
    await change("one", "renamed", [agent(1)]);
    await change("two", "Prod Core", [agent(2)]);
    await removeCluster(
      { clusterId: "two", typedName: "Prod Core" },
      { person: { name: "zhao" }, attemptId: "removal" },
    );
    await add("three", "prod core", [agent(2)]);
  });

  test("an agent, of the store or of the file, typed now or later", async () => {
    await add("one", "one", [agent(1), agent(2)]);
    await expect(add("two", "two", [agent(3), agent(2)])).rejects.toMatchObject(registered("one", "one", agent(2)));
    await expect(add("two", "two", [agent(9)])).rejects.toMatchObject(registered("File Core", "file-core", agent(9)));
    await add("two", "two", [agent(3)]);
    await expect(change("two", "two", [agent(3), agent(1)])).rejects.toMatchObject(registered("one", "one", agent(1)));
    await change("one", "one", [agent(1)]);
    await change("two", "two", [agent(3), agent(2)]);
    expect(listClusters().map(({ id }) => id)).toEqual(["file-core", "one", "two"]);
  });

  test("the same cluster through other agents of it", async () => {
    simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "s3cret" });
    const [first = "", second = "", third = ""] = simulator.agents.map(({ address }) => address);
    await add("one", "one", [first]);
    await expect(add("two", "two", [second])).rejects.toMatchObject({ kind: "cluster-registered" });
    // Also when only one of the agents is known to both: the one that is typed does not answer.
    simulator.setFault(third, { kind: "agent-down" });
    await expect(add("two", "two", [third])).rejects.toMatchObject(registered("one", "one", third));
    await change("one", "one again", [first]);
    await expect(add("two", "two", [third])).rejects.toMatchObject(registered("one again", "one", third));
    // What it held stays its own while nobody tells otherwise, also when it is to be found elsewhere.
    simulator.setFault("*", { kind: "agent-down" });
    await change("one", "one", [agent(1)]);
    await expect(add("two", "two", [third])).rejects.toMatchObject(registered("one", "one", third));
  });

  test("the same agent at a second address, also by somebody who does not know its password", async () => {
    simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "s3cret" });
    const [first = "", second = ""] = simulator.agents.map(({ address }) => address);
    const other = await secondAddress(second);
    try {
      await add("one", "one", [first]);
      await expect(add("two", "two", [other.address])).rejects.toMatchObject(registered("one", "one", first));
      // Without the password it tells no members, but who it is.
      const wrong = { ...draft("two", "two", [other.address]), password: "wrong" };
      await expect(addCluster(wrong, "li.wei")).rejects.toMatchObject(registered("one", "one", second));
      await add("two", "two", [agent(2)]);
      await expect(change("two", "two", [other.address])).rejects.toMatchObject(registered("one", "one", first));
      // Its own cluster may be found by it, beside the address that is known already.
      await change("one", "one", [first, other.address]);
      expect(listClusters().map(({ id }) => id)).toEqual(["file-core", "one", "two"]);
    } finally {
      await other.close();
    }
  });

  test("an agent that has left is free once its cluster is saved again, and one that has joined is taken", async () => {
    simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "s3cret" });
    const [first = "", second = ""] = simulator.agents.map(({ address }) => address);
    await add("one", "one", [first]);
    // As if these had been named when it was registered.
    const { db } = await openStore();
    const claim = (host: string) => ({ claim: `agent ${host}`, cluster_id: "one" });
    await db
      .insertInto("cluster_claim")
      .values([claim(agent(7)), claim(agent(8))])
      .execute();
    await db.deleteFrom("cluster_claim").where("claim", "=", `agent ${second}`).execute();
    await expect(add("two", "two", [agent(7)])).rejects.toMatchObject(registered("one", "one", agent(7)));
    await change("one", "one", [first]);
    await add("two", "two", [agent(7)]);
    simulator.setFault("*", { kind: "agent-down" });
    await expect(add("three", "three", [second])).rejects.toMatchObject(registered("one", "one", second));
  });

  test("clusters that shared an agent before can be changed, whoever names it", async () => {
    simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "s3cret" });
    const [first = "", second = ""] = simulator.agents.map(({ address }) => address);
    await add("two", "two", [agent(2)]);
    await add("one", "one", [first]);
    const { db } = await openStore();
    const same = { agents: JSON.stringify([second]) };
    await db.updateTable("cluster").set(same).where("id", "=", "two").execute();
    await change("two", "two again", [second]);
    await expect(change("two", "two", [second, first])).rejects.toMatchObject(registered("one", "one", first));
    await change("one", "one again", [first]);
  });

  test("an agent however its IPv6 address is written, also where it was registered before", async () => {
    const [long, short] = ["[0:0:0:0:0:0:0:1]:2999", "[::1]:2999"];
    await add("one", "one", [long]);
    const { db } = await openStore();
    const claims = () => db.selectFrom("cluster_claim").select("claim").orderBy("claim").execute();
    const taken = await claims();
    expect(taken).toContainEqual({ claim: `agent ${short}` });
    await db.schema.dropTable("cluster_claim").execute();
    await clusterClaims(untyped(db));
    expect(await claims()).toEqual(taken);
    await expect(add("two", "two", [short])).rejects.toMatchObject(registered("one", "one", long));
    await change("one", "renamed", [long]);
    expect(await claims()).toEqual([{ claim: `agent ${short}` }, { claim: "name renamed" }]);
  });

  test.each([
    ["name", { name: "Prod", agents: [agent(1)] }, { name: " prod", agents: [agent(2)] }],
    ["agent", { name: "one", agents: [agent(1)] }, { name: "two", agents: [agent(3), agent(1)] }],
  ])("of two transactions that take the same %s at once, the store lets one through", async (_what, left, right) => {
    const { db } = await openStore();
    // As two processes, neither of which has seen the other's cluster: nothing but the table itself can tell.
    const take = (id: string, wanted: typeof left) =>
      db.transaction().execute((transaction) => takeClaims(id, wanted, null, transaction));
    const found = await Promise.allSettled([take("one", left), take("two", right)]);
    expect(found.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = found.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    expect(refused.map(isDuplicate)).toEqual([true]);
    const [winner, all] = found[0].status === "fulfilled" ? ["one", left] : ["two", right];
    const rows = await db.selectFrom("cluster_claim").select(["claim", "cluster_id"]).execute();
    expect(new Set(rows.map(({ cluster_id }) => cluster_id))).toEqual(new Set([winner]));
    expect(rows).toHaveLength(1 + all.agents.length);
  });

  test("two that are registered at once with the same name and agent: one is refused, and says whose they are", async () => {
    const found = await Promise.allSettled([add("one", "Prod", [agent(1)]), add("two", "prod", [agent(1)])]);
    const refused = found.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    const isFirst = found[0].status === "fulfilled";
    expect(refused).toMatchObject([isFirst ? taken("Prod", "one") : taken("prod", "two")]);
    expect(listClusters()).toHaveLength(2);
  });

  test("clusters that shared something before go on, can be changed, and take nothing more of each other", async () => {
    await add("one", "Prod", [agent(1)]);
    await add("two", "two", [agent(2)]);
    const { db } = await openStore();
    const same = { name: "prod", agents: JSON.stringify([agent(1)]) };
    await db.updateTable("cluster").set(same).where("id", "=", "two").execute();
    await db.schema.dropTable("cluster_claim").execute();
    await clusterClaims(untyped(db));
    await refreshClusters();
    await change("two", "prod", [agent(1)]);
    await change("one", "Prod", [agent(1), agent(3)]);
    await expect(change("two", "prod", [agent(1), agent(3)])).rejects.toMatchObject({ kind: "cluster-registered" });
    await change("two", "two", [agent(4)]);
    await expect(change("two", "PROD", [agent(4)])).rejects.toMatchObject(taken("Prod", "one"));
  });
});
