import { afterEach, describe, expect, test, vi } from "vitest";
import { closeOnce } from "../audit/close-once";
import { appendLine, attempts } from "../audit/journal";
import { openStore } from "../db/store";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import type * as Refresh from "./refresh-clusters";
import { addCluster, removeCluster } from "./save-cluster";

const failing = vi.hoisted(() => ({ is: false }));
vi.mock("./refresh-clusters", async (actual) => {
  const real = await actual<typeof Refresh>();
  return {
    ...real,
    refreshClusters: () => (failing.is ? Promise.reject(new Error("the store is away")) : real.refreshClusters()),
  };
});

let fresh: FreshStore;
afterEach(async () => {
  failing.is = false;
  await fresh.dispose();
});
const DRAFT = { name: "core", environment: "TEST" as const, agents: ["127.0.0.1:9"], twoPerson: false, tls: null };
const cluster = { id: "c9", name: "core", environment: "TEST" as const };
const entry = { id: "a1", action: "cluster.remove" as const, by: "zhao", cluster, detail: {} };
const told = async () => (await attempts("c9"))[0]?.events.map(({ event }) => event);

describe.each(ENGINES)("what belongs to a commit, on %s", (engine) => {
  test("a removal that is committed does not fail, or end as refused, by what comes after it", async () => {
    fresh = await freshStore(engine, { clusters: [] });
    await addCluster({ ...DRAFT, clusterId: "c9", password: "x" }, "li.wei");
    await appendLine({ ...entry, event: "opened" });
    failing.is = true;
    const acting = { person: { name: "zhao" }, attemptId: "a1" };
    expect(await removeCluster({ clusterId: "c9", typedName: "core" }, acting)).toBeNull();
    expect(await closeOnce({ ...entry, event: "refused", outcome: { kind: "internal" } })).toBe(false);
    expect(await told()).toEqual(["opened", "accepted"]);
  });

  test("a registration whose end cannot be written is none", async () => {
    fresh = await freshStore(engine, { clusters: [] });
    const adding = addCluster({ ...DRAFT, clusterId: "c9", password: "x" }, "li.wei", () =>
      Promise.reject(new Error("the record is full")),
    );
    await expect(adding).rejects.toThrow("the record is full");
    const { db } = await openStore();
    expect(await db.selectFrom("cluster").select("id").execute()).toEqual([]);
  });
});
