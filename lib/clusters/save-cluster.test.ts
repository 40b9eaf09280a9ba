import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import forge from "node-forge";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createPerson } from "../auth/people";
import { openStore } from "../db/store";
import { ENGINES, freshStore, restartProcess, type FreshStore } from "../db/testing/fresh-store";
import { createAgentClient } from "../obshell/client";
import { createTransport } from "../obshell/transport";
import { startSimulator } from "../simulator/cluster";
import { acceptKeys } from "./agent-keys";
import { compareKey, fingerprintOf, knownKeys } from "./known-keys";
import { refreshClusters } from "./refresh-clusters";
import { agentOf, clusterCard, findCluster, listClusters, shadowedClusters } from "./registry";
import { addCluster, changeCluster, describeChange, removeCluster } from "./save-cluster";
import type { ClusterDraft } from "./schema";
import { secondAddress } from "./testing/second-address";
import { typedCredentials } from "./typed-credentials";

const PASSWORD = "Gans-Geheim#42";
const draft = (change: Partial<ClusterDraft> = {}): ClusterDraft & { clusterId: string } => ({
  clusterId: "prod",
  name: "prod-core",
  environment: "PROD",
  agents: ["10.0.0.11:2886"],
  twoPerson: true,
  password: PASSWORD,
  tls: null,
  ...change,
});

function makePem(name: string): { cert: string; key: string } {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = "01";
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  certificate.setSubject([{ name: "commonName", value: name }]);
  certificate.setIssuer([{ name: "commonName", value: name }]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: forge.pki.privateKeyToPem(keys.privateKey) };
}

const remove = (clusterId: string, typedName: string) =>
  removeCluster({ clusterId, typedName }, { person: { name: "zhao" }, attemptId: "the-removal" });

/** Somebody who may operate there. */
const addOperator = (name: string, places: readonly [level: "cluster" | "environment", target: string][]) =>
  createPerson({
    ...{ name, password: "a long enough password", isOneTime: false },
    grants: places.map(([level, target]) => ({ role: "operator", level, target }) as const),
  });

describe.each(ENGINES)("clusters that people register, on %s", (engine) => {
  let fresh: FreshStore;
  beforeEach(async () => {
    vi.stubEnv("TEST_PASSWORD", "in-file");
    const inFile = { id: "file-core", agents: ["127.0.0.1:2886"], passwordEnv: "TEST_PASSWORD" };
    fresh = await freshStore(engine, { clusters: [inFile] });
  });
  afterEach(() => fresh.dispose());

  test("one is added, found after a restart, and its id is taken from then on", async () => {
    expect(await addCluster(draft(), "li.wei")).toEqual({ clusterId: "prod" });
    await restartProcess();
    await refreshClusters();
    const credentials = { password: PASSWORD, tls: null };
    expect(findCluster("prod")).toMatchObject({ name: "prod-core", twoPerson: true, source: "store", credentials });
    for (const clusterId of ["prod", "file-core"])
      await expect(addCluster({ ...draft(), clusterId }, "li.wei")).rejects.toThrow("cluster-exists");
  });

  test("what is left empty is kept, what is given replaces it", async () => {
    await addCluster(draft(), "li.wei");
    await compareKey("prod", "10.0.0.12:2886", SOME_KEY);
    await changeCluster(draft({ name: "core", password: null, agents: ["10.0.0.12:2886"] }), "zhao");
    expect(findCluster("prod")).toMatchObject({ name: "core", agents: ["10.0.0.12:2886"] });
    expect(findCluster("prod").credentials?.password).toBe(PASSWORD);
    await changeCluster(draft({ password: "other" }), "zhao");
    expect(findCluster("prod").credentials?.password).toBe("other");
    await expect(changeCluster({ ...draft(), clusterId: "file-core" }, "zhao")).rejects.toThrow("cluster-in-file");
    await expect(changeCluster({ ...draft(), clusterId: "none" }, "zhao")).rejects.toThrow("cluster-unknown");
  });

  test("the stored password is kept for agents of the cluster alone, and for the encryption it was given for", async () => {
    const [one, two] = [makePem("one"), makePem("two")];
    const tls = (ca: string) => ({ ca, cert: "", key: null });
    const stranger = "203.0.113.66:2886";
    await addCluster(draft({ tls: tls(one.cert) }), "li.wei");
    const refused = async (change: Partial<ClusterDraft>, params: object) => {
      const changed = draft({ password: null, tls: tls(one.cert), ...change });
      const refusal = { kind: "password-needed", facts: { params } };
      await expect(changeCluster(changed, "zhao")).rejects.toMatchObject(refusal);
      await expect(typedCredentials(changed, findCluster("prod"))).rejects.toMatchObject(refusal);
    };
    await refused({ agents: ["10.0.0.11:2886", stranger] }, { why: "agents", list: stranger });
    await refused({ tls: tls(two.cert) }, { why: "tls" });
    await refused({ tls: null }, { why: "tls" });
    const keys = [{ address: stranger, fingerprint: "f".repeat(64) }];
    await expect(acceptKeys({ clusterId: "prod", keys }, "zhao")).rejects.toThrow("agent-not-in-cluster");
    expect(findCluster("prod")).toMatchObject({ agents: ["10.0.0.11:2886"], credentials: { password: PASSWORD } });
    // The same certificate with a browser's line ends is the same.
    await changeCluster(draft({ password: null, tls: tls(one.cert.replaceAll(/\r?\n/g, "\r\n").trim()) }), "zhao");
    // Typed again, it may go anywhere; and what is empty is no secret.
    await changeCluster(draft({ password: "", agents: [stranger] }), "zhao");
    await changeCluster(draft({ password: null, agents: ["203.0.113.67:2886"] }), "zhao");
    expect(findCluster("prod").credentials).toEqual({ password: "", tls: null });
  });

  test("a change that was refused leaves no stranger behind that counts as met, and the stored password stays here", async () => {
    const simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: "anything" });
    try {
      const [member = "", stranger = ""] = simulator.agents.map(({ address }) => address);
      await addCluster(
        { ...draft({ name: "other", agents: [member], password: "anything" }), clusterId: "other" },
        "sun",
      );
      await addCluster(draft(), "li.wei");
      // The stranger takes the typed password, and names agents of another registration.
      await expect(changeCluster(draft({ agents: [stranger], password: "anything" }), "zhao")).rejects.toMatchObject({
        kind: "cluster-registered",
      });
      expect(simulator.requests.filter(({ path }) => path.includes("/ob/agents"))).not.toEqual([]);
      expect((await knownKeys("prod")).size).toBe(0);
      const kept = draft({ agents: [stranger], password: null });
      const refusal = { kind: "password-needed", facts: { params: { why: "agents", list: stranger } } };
      await expect(typedCredentials(kept, findCluster("prod"))).rejects.toMatchObject(refusal);
      await expect(changeCluster(kept, "zhao")).rejects.toMatchObject(refusal);
    } finally {
      await simulator.close();
    }
  });

  test("an agent that its cluster no longer has counts as met no more once the cluster is saved", async () => {
    const simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: PASSWORD });
    try {
      const [one = "", two = ""] = simulator.agents.map(({ address }) => address);
      await addCluster(draft({ agents: [one] }), "li.wei");
      const left = "203.0.113.66:2886";
      for (const address of [two, left]) await compareKey("prod", address, SOME_KEY);
      simulator.setFault("*", { kind: "agent-down" });
      await changeCluster(draft({ agents: [one], password: null }), "zhao");
      expect([...(await knownKeys("prod")).keys()].sort()).toEqual([two, left].sort());
      simulator.setFault("*", { kind: "agent-down" }, false);
      await changeCluster(draft({ agents: [one], password: null }), "zhao");
      expect([...(await knownKeys("prod")).keys()]).toEqual([two]);
      await expect(changeCluster(draft({ agents: [left], password: null }), "zhao")).rejects.toMatchObject({
        ...{ kind: "password-needed", facts: { params: { why: "agents", list: left } } },
      });
    } finally {
      await simulator.close();
    }
  });

  test("the stored password is kept for a second address of a known agent, and only with the key that proved it", async () => {
    const simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: PASSWORD });
    const [one = "", two = "", three = ""] = simulator.agents.map(({ address }) => address);
    const [way, imposter] = [await secondAddress(two), await secondAddress(two, { keyOf: three })];
    try {
      const keyOf = (address: string) =>
        createAgentClient({ address, transport: createTransport(), password: "" }).publicKey();
      await addCluster(draft({ agents: [one] }), "li.wei");
      const moved = (address: string) => changeCluster(draft({ agents: [one, address], password: null }), "zhao");
      const refused = (address: string) => ({
        ...{ kind: "password-needed", facts: { params: { why: "agents", list: address } } },
      });
      await expect(moved(way.address)).rejects.toMatchObject(refused(way.address)); // that one was never met
      await compareKey("prod", two, await keyOf(two));
      await expect(moved(imposter.address)).rejects.toMatchObject(refused(imposter.address));
      await moved(way.address);
      const known = await knownKeys("prod");
      expect(known.get(way.address)?.fingerprint).toBe(known.get(two)?.fingerprint);
      // Whoever answers there later with another key gets nothing.
      way.become({ keyOf: three });
      const sent = simulator.requests.length;
      await expect(agentOf("prod", way.address).agents()).rejects.toMatchObject({ kind: "agent-key-changed" });
      expect(simulator.requests).toHaveLength(sent);
    } finally {
      await Promise.all([way.close(), imposter.close(), simulator.close()]);
    }
  });

  test("a key that is accepted for an agent counts at each address at which it shows it", async () => {
    const simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: PASSWORD });
    const [one = "", two = ""] = simulator.agents.map(({ address }) => address);
    const [way, stranger] = [await secondAddress(two), await secondAddress(two)];
    try {
      const keyOf = (address: string) =>
        createAgentClient({ address, transport: createTransport(), password: "" }).publicKey();
      await addCluster(draft({ agents: [one] }), "li.wei");
      for (const address of [two, way.address, stranger.address])
        await compareKey("prod", address, await keyOf(address));
      simulator.setFault(two, { kind: "key-change" });
      stranger.become({ calls: one });
      const fingerprint = fingerprintOf(await keyOf(two));
      await acceptKeys({ clusterId: "prod", keys: [{ address: two, fingerprint }] }, "zhao");
      const known = await knownKeys("prod");
      expect([two, way.address].map((address) => known.get(address)?.fingerprint)).toEqual([fingerprint, fingerprint]);
      expect(known.get(stranger.address)?.fingerprint).not.toBe(fingerprint);
    } finally {
      await Promise.all([way.close(), stranger.close(), simulator.close()]);
    }
  });

  test("an agent that shows another key than the remembered one is sent no typed password either", async () => {
    const simulator = await startSimulator({ scenario: "small", basePort: 0, timeScale: 50, password: PASSWORD });
    try {
      const [member = ""] = simulator.agents.map(({ address }) => address);
      await addCluster(draft(), "li.wei");
      await compareKey("prod", member, SOME_KEY);
      await changeCluster(draft({ agents: [member] }), "zhao");
      expect(simulator.requests.filter(({ path }) => path.includes("/ob/agents"))).toEqual([]);
    } finally {
      await simulator.close();
    }
  });

  test("a password that was pasted with the mark and the line end of its file is the password", async () => {
    await addCluster(draft({ password: `\uFEFF${PASSWORD}\r\n` }), "li.wei");
    expect(findCluster("prod").credentials?.password).toBe(PASSWORD);
  });

  test("a change is described without what is secret", async () => {
    await addCluster(draft(), "li.wei");
    const text = describeChange(draft({ environment: "TEST", password: "n3w", twoPerson: false }));
    expect(text).toBe("environment PROD → TEST, two-person rule off, password");
    expect(describeChange(draft({ password: null }))).toBe("");
  });

  test("TLS material is read before it is stored; the key is sealed and can be kept", async () => {
    const [one, two] = [makePem("one"), makePem("two")];
    const tls = (change: Partial<NonNullable<ClusterDraft["tls"]>>) => ({ ca: one.cert, cert: "", key: "", ...change });
    const refused = (what: string, material: ClusterDraft["tls"]) =>
      expect(addCluster(draft({ tls: material }), "li.wei")).rejects.toMatchObject({
        kind: "pem-invalid",
        facts: { params: { what } },
      });
    await refused("ca", tls({ ca: "not PEM" }));
    await refused("cert", tls({ cert: "not PEM", key: one.key }));
    await refused("key", tls({ cert: one.cert, key: two.key }));
    await addCluster(draft({ tls: tls({ cert: one.cert, key: one.key }) }), "li.wei");
    await changeCluster(draft({ password: null, tls: tls({ cert: one.cert, key: null }) }), "li.wei");
    expect(findCluster("prod").credentials?.tls).toEqual({
      ca: one.cert,
      cert: one.cert,
      key: one.key,
    });
    const { db } = await openStore();
    const stored = JSON.stringify(await db.selectFrom("cluster").selectAll().execute());
    expect(stored).not.toContain(one.key.slice(40, 90));
  });

  test("one is removed with its keys once its name is typed, but not under a stop that is not over", async () => {
    await addCluster(draft(), "li.wei");
    await compareKey("prod", "10.0.0.11:2886", SOME_KEY);
    await expect(remove("prod", "prod")).rejects.toThrow("confirmation-missing");
    const { db } = await openStore();
    const intent = { plan_id: "p", cluster_id: "prod", attempt_id: "p", person: "li.wei", coordinator: "c" };
    const state = { state: "open" as const, silent: "[]", holder: "h", held_until: 0, progress: "{}" };
    await db
      .insertInto("intent")
      .values({ ...intent, ...state, request: "{}", opened_at: "2026-01-01T00:00:00.000Z" })
      .execute();
    await expect(remove("prod", "prod-core")).rejects.toThrow("stop-in-progress");
    // The run is over, but what became of its servers is not on record yet.
    await db.updateTable("intent").set({ ended_at: new Date().toISOString() }).execute();
    await expect(remove("prod", "prod-core")).rejects.toThrow("stop-in-progress");
    await db.updateTable("intent").set({ recorded_at: new Date().toISOString() }).execute();
    await remove("prod", "prod-core");
    expect(listClusters().map(({ id }) => id)).toEqual(["file-core"]);
    expect((await knownKeys("prod")).size).toBe(0);
    // Servers that never report do not keep their cluster here.
    await addCluster(draft(), "li.wei");
    await db.updateTable("intent").set({ ended_at: "2026-01-01T00:00:01.000Z", recorded_at: null }).execute();
    await remove("prod", "prod-core");
    expect(listClusters().map(({ id }) => id)).toEqual(["file-core"]);
  });

  test("with a cluster goes who was set aside on it, and of no other one", async () => {
    await addCluster(draft(), "li.wei");
    const { db } = await openStore();
    const row = (cluster: string) => ({
      ...{ cluster_id: cluster, member: "10.0.0.1:2882", server: "10.0.0.1:2882" },
      ...{ person: "zhao", reason: "gone for good", since: "2026-01-01T00:00:00.000Z" },
    });
    await db
      .insertInto("set_aside")
      .values([row("prod"), row("file-core")])
      .execute();
    await remove("prod", "prod-core");
    expect((await db.selectFrom("set_aside").selectAll().execute()).map((one) => one.cluster_id)).toEqual([
      "file-core",
    ]);
  });

  test("with a cluster go the roles on it, by name on the record, so that its id can be somebody else's later", async () => {
    await addCluster(draft(), "li.wei");
    await addOperator("sun", [
      ["cluster", "prod"],
      ["cluster", "file-core"],
      ["environment", "PROD"],
    ]);
    await addOperator("wu", [["cluster", "prod"]]);
    await expect(remove("prod", "prod")).rejects.toThrow("confirmation-missing");
    await remove("prod", "prod-core");
    const { db } = await openStore();
    expect(await db.selectFrom("role_grant").select(["level", "target"]).orderBy("level").execute()).toEqual([
      { level: "cluster", target: "file-core" },
      { level: "environment", target: "PROD" },
    ]);
    const [last] = await db.selectFrom("audit").select("line").orderBy("seq", "desc").limit(1).execute();
    expect(JSON.parse(last?.line ?? "null")).toMatchObject({
      ...{ id: "the-removal", by: "zhao", event: "accepted", action: "cluster.remove" },
      detail: { text: "roles taken: sun (operator), wu (operator)" },
    });
  });

  test("one that the file hides can be removed from the store; the file's stays", async () => {
    await addCluster(draft(), "li.wei");
    const { db } = await openStore();
    await db.updateTable("cluster").set({ id: "file-core" }).execute();
    await addOperator("sun", [["cluster", "file-core"]]);
    await refreshClusters();
    expect(shadowedClusters()).toEqual(["file-core"]);
    await remove("file-core", "file-core");
    expect(shadowedClusters()).toEqual([]);
    expect(clusterCard("file-core").source).toBe("file");
    expect(await db.selectFrom("role_grant").select("target").execute()).toEqual([{ target: "file-core" }]);
    await expect(remove("file-core", "file-core")).rejects.toThrow("cluster-in-file");
  });

  test("nothing that is stored holds the password in clear", async () => {
    await addCluster(draft(), "li.wei");
    await changeCluster(draft({ name: "again" }), "li.wei");
    const { db } = await openStore();
    const tables = (await db.introspection.getTables()).map(({ name }) => name);
    expect(tables).toContain("cluster");
    for (const table of tables) {
      const rows = await db
        .selectFrom(table as "cluster")
        .selectAll()
        .execute();
      expect(JSON.stringify(rows)).not.toContain(PASSWORD);
    }
    const data = join(fresh.folder, "data");
    for (const name of readdirSync(data)) {
      const bytes = readFileSync(join(data, name));
      for (const form of ["utf8", "base64", "hex"] as const)
        expect(bytes.includes(Buffer.from(PASSWORD).toString(form)), `${form} in ${name}`).toBe(false);
    }
  });
});

/** A public key of 512 bits, as agents before 4.4.2.0 publish theirs. */
const SOME_KEY = "MEgCQQDNujmu1fkjVwGJQASln/Q4ouHeOoWMvi2Lcm0NAQefr2AQO63Rm2+pY/ZVRqii2lZtj6z7sa2Wv2htg2F4PFOTAgMBAAE=";
