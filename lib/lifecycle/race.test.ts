import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addCluster, removeCluster } from "../clusters/save-cluster";
import { lastTurn } from "../db/cluster-lock";
import { openStore } from "../db/store";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { openIntent, type IntentOpening } from "./open-intent";

vi.setConfig({ testTimeout: 60_000 });
let fresh: FreshStore;
afterEach(() => fresh.dispose());

const opening = async (planId: string, kind: IntentOpening["kind"], clusterId: string): Promise<IntentOpening> => ({
  ...{ planId, kind, clusterId, attemptId: planId, person: "li.wei", coordinator: "10.0.0.1:2886", parts: [] },
  ...{ cancels: null, lookedAt: await lastTurn(clusterId) },
  request: {
    cluster: { id: clusterId, name: "core", environment: "TEST" },
    ...{ action: kind === "run" ? "stop" : "release", method: kind === "run" ? "stop" : null, targets: [] },
    ...{ scope: "", inScope: [], path: "", body: "", runId: kind === "run" ? "" : "123", stoodAt: null },
    ...{ sentAtMs: Date.now(), coordinatorMs: null },
  },
});
const DRAFT = { name: "core", environment: "TEST" as const, agents: ["127.0.0.1:2999"], twoPerson: false, tls: null };
const done = (results: PromiseSettledResult<unknown>[]) =>
  results.filter(({ status }) => status === "fulfilled").length;
const endAll = async () =>
  (await openStore()).db
    .updateTable("intent")
    .set({ ended_at: new Date(0).toISOString(), recorded_at: new Date(0).toISOString() })
    .execute();

describe.each(ENGINES)("on %s", (engine) => {
  beforeEach(async () => {
    fresh = await freshStore(engine, { clusters: [] });
    await openStore();
  });

  test("of a stop and a release that begin side by side one begins", async () => {
    for (let at = 0; at < 40; at += 1) {
      const [run, operation] = [await opening(`r${at}`, "run", "c1"), await opening(`o${at}`, "operation", "c1")];
      expect(done(await Promise.allSettled([openIntent(run), openIntent(operation)])), `${at}`).toBe(1);
      await endAll();
    }
  });

  test("of the removal of a cluster and its stop, side by side, one is done", async () => {
    for (let at = 0; at < 15; at += 1) {
      await addCluster({ ...DRAFT, clusterId: "c9", password: "x" }, "li.wei");
      const run = await opening(`r${at}`, "run", "c9");
      const acting = { person: { name: "li.wei" }, attemptId: `rm${at}` };
      const removing = removeCluster({ clusterId: "c9", typedName: "core" }, acting);
      expect(done(await Promise.allSettled([openIntent(run), removing])), `${at}`).toBe(1);
      await endAll();
      await removeCluster({ clusterId: "c9", typedName: "core" }, { ...acting, attemptId: `rmx${at}` }).catch(
        () => null,
      );
    }
  });
});
