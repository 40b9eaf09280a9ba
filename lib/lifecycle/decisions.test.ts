import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { changeGrants } from "../auth/manage-people";
import { createPerson } from "../auth/people";
import { stillMay } from "../auth/still-may";
import { trustAgents } from "../clusters/agent-keys";
import { addAside, takeMemberBack } from "../clusters/aside-members";
import { refreshClusters } from "../clusters/refresh-clusters";
import { listClusters } from "../clusters/registry";
import { addCluster, changeCluster, removeCluster } from "../clusters/save-cluster";
import { endAside } from "../clusters/set-aside";
import { rowOfCluster } from "../clusters/stored-clusters";
import { exampleTopology } from "../clusters/testing/example-topology";
import { decide, lastTurn } from "../db/cluster-lock";
import { openStore } from "../db/store";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { AppError } from "../errors";
import { acceptIntent } from "./accept-intent";
import { writeDecision } from "./ask-approval";
import { closeIntent } from "./close-intent";
import { requireStillConfirmed } from "./confirmed";
import { moveIntent, readIntent } from "./intents";
import { openIntent, type IntentOpening } from "./open-intent";
import { endOperation, settleParts } from "./operation-story";
import type { PlanRecord } from "./plans";
import type { Confirmation } from "./schema";
import { dropUnsent } from "./stored-plan";
import { sweepAttempts } from "./sweep-attempts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIST = "docs/adr/0014-one-lock-per-cluster.md";
const MEMBER = { member: "10.9.9.9:2882", server: "10.9.9.9:2886" };
/** Nobody listens there; no two clusters have the same agent. */
const agentOf = (id: string) => `127.${[1, Number(id.slice(1)) >> 8, Number(id.slice(1)) & 255].join(".")}:9`;
const draftOf = (id: string) => ({
  ...{ clusterId: id, name: id, environment: "TEST" as const, agents: [agentOf(id)], twoPerson: false, tls: null },
});

/** One cluster of its own, so that no pair meets another. */
interface Scene {
  id: string;
  /** The last turn before both began. */
  lookedAt: number;
  userId: string;
}

const opening = ({ id, lookedAt }: Scene, kind: IntentOpening["kind"], planId: string): IntentOpening => ({
  ...{ planId, kind, clusterId: id, attemptId: planId, person: "li.wei", coordinator: "127.0.0.1:9", parts: [] },
  ...{ cancels: null, lookedAt },
  request: {
    cluster: { id, name: "core", environment: "TEST" },
    ...{ action: kind === "run" ? "stop" : "release", method: kind === "run" ? "stop" : null, targets: [] },
    ...{ scope: "", inScope: [], path: "", body: "", runId: kind === "run" ? "" : "21", stoodAt: null },
    ...{ sentAtMs: Date.now(), coordinatorMs: null },
  },
});
const acting = (attemptId: string) => ({ person: { name: "zhao" }, attemptId });
const known = async (planId: string) => (await readIntent(planId)) ?? Promise.reject(new Error(planId));

/** What a plan rests on when it is sent: the requester's rights, the two-person rule and the second person's word. */
const lastWord =
  ({ id, userId }: Scene): Parameters<typeof openIntent>[1] =>
  async (transaction) => {
    const place = { id, environment: "TEST" as const };
    if (!(await stillMay(userId, "cluster.stop", place, transaction))) throw new AppError("not-allowed");
    const record = { id: `${id}-new`, request: { clusterId: id }, draft: { tier: 3 } } as unknown as PlanRecord;
    await requireStillConfirmed(record, { breakGlass: false } as Confirmation, transaction);
  };

interface Decision {
  /** What has to be there before. */
  arrange?: (scene: Scene) => Promise<unknown>;
  make: (scene: Scene) => Promise<unknown>;
}

const goingRun = async (scene: Scene, change: { state?: "unknown"; kind?: "operation" } = {}) => {
  const kind = change.kind ?? "run";
  const planId = `${scene.id}-${kind}`;
  if (await readIntent(planId)) return;
  await openIntent({ ...opening(scene, kind, planId), lookedAt: await lastTurn(scene.id) });
  const { db } = await openStore();
  const state = change.state ?? (kind === "run" ? "accepted" : "open");
  await db
    .updateTable("intent")
    .set({ state, run_id: "21", holder: "elsewhere:1:x" })
    .where("plan_id", "=", planId)
    .execute();
};
const waitingApproval = async ({ id }: Scene) => {
  const { db } = await openStore();
  const times = { requested_at: new Date().toISOString(), expires_at: new Date(Date.now() + 600_000).toISOString() };
  const row = { id: `${id}-approval`, plan_id: `${id}-new`, cluster_id: id, requested_by: "li.wei", reason: "INC-1" };
  await db
    .insertInto("approval")
    .values({ ...row, ...times })
    .execute();
};
const memberAside = ({ id }: Scene) =>
  listClusters().some((cluster) => cluster.id === id)
    ? addAside(id, { ...MEMBER, reason: "gone for good" }, acting(`${id}-before`))
    : Promise.resolve();
const rowAside = { ...MEMBER, by: "li.wei", reason: "gone", since: "2026-01-01T00:00:00.000Z" };

const DECISIONS: Record<string, Decision> = {
  "begin a run": {
    make: async (scene) => {
      // null: it is looked at again, and then refused because that run has ended since the look.
      if (!(await openIntent(opening(scene, "run", `${scene.id}-new`), lastWord(scene))))
        throw new AppError("stop-in-progress");
    },
  },
  "begin an operation": { make: (scene) => openIntent(opening(scene, "operation", `${scene.id}-op`)) },
  "end an intent": {
    arrange: goingRun,
    make: async ({ id }) => moveIntent(await known(`${id}-run`), ["accepted"], { ends: true }, []),
  },
  "take up an intent again": {
    arrange: (scene) => goingRun(scene, { state: "unknown" }),
    make: async ({ id }) => acceptIntent({ ...(await known(`${id}-run`)), state: "open" }, "22"),
  },
  "close an entry": {
    arrange: (scene) => goingRun(scene, { state: "unknown" }),
    make: ({ id }) => closeIntent({ clusterId: id, planId: `${id}-run`, reason: "host is gone" }, { name: "ma.li" }),
  },
  "end an operation": {
    arrange: (scene) => goingRun(scene, { kind: "operation" }),
    make: async ({ id }) => endOperation(await known(`${id}-operation`), []),
  },
  "note a request of an operation": {
    arrange: (scene) => goingRun(scene, { kind: "operation" }),
    make: async ({ id }) => settleParts(await known(`${id}-operation`), []),
  },
  "decide on an approval": {
    arrange: waitingApproval,
    make: async ({ id }) =>
      writeDecision({ id: `${id}-approval`, planId: `${id}-new` } as Parameters<typeof writeDecision>[0], {
        clusterId: id,
        decision: "approved",
        attemptId: `${id}-decide`,
        by: "zhao",
      }),
  },
  "drop a plan": { make: ({ id }) => dropUnsent(`${id}-new`, id) },
  "set a member aside": {
    make: ({ id }) => addAside(id, { ...MEMBER, reason: "gone for good" }, acting(`${id}-aside`)),
  },
  "take a member back": {
    arrange: memberAside,
    make: ({ id }) => takeMemberBack({ clusterId: id, server: MEMBER.server }, acting(`${id}-back`)),
  },
  "a member is back": {
    arrange: memberAside,
    make: ({ id }) => endAside({ ...exampleTopology(), cluster: { id, name: id, environment: "TEST" } }, [rowAside]),
  },
  "add a cluster": { make: ({ id }) => addCluster({ ...draftOf(id), password: "x" }, "li.wei") },
  "change a cluster": {
    make: ({ id }) => changeCluster({ ...draftOf(id), twoPerson: true, password: "y" }, "zhao"),
  },
  "remove a cluster": { make: ({ id }) => removeCluster({ clusterId: id, typedName: id }, acting(`${id}-removal`)) },
  "accept keys": { make: ({ id }) => trustAgents(id, [[agentOf(id), "bm90IGEga2V5"]], "zhao") },
  "end an attempt that nobody sent": { make: () => sweepAttempts({ afterMs: 0 }) },
  "change somebody's rights": { make: ({ userId }) => changeGrants({ id: userId, grants: [] }) },
};

/** How it went, in a word. */
const outcome = (made: Promise<unknown>): Promise<string> =>
  made.then(
    (value) => (value === null ? "nothing" : value === false ? "too late" : "done"),
    (error: unknown) => (error instanceof Error && "kind" in error ? String(error.kind) : String(error)),
  );

let count = 0;
let administrator = false;
async function scene(names: readonly string[]): Promise<Scene> {
  const id = `c${(count += 1)}`;
  if (!administrator)
    await createPerson({
      ...{ name: "root", password: "a long enough password", isOneTime: false },
      grants: [{ role: "administrator", level: "global", target: "" }],
    });
  administrator = true;
  const { db } = await openStore();
  if (!names.includes("add a cluster")) {
    const credentials = { password: "x", tls: null };
    await db
      .insertInto("cluster")
      .values(await rowOfCluster({ id, ...draftOf(id), credentials }, "li.wei"))
      .execute();
  }
  await refreshClusters();
  const userId = `person-${id}`;
  await db.insertInto("user").values(userOf(userId)).execute();
  await db.insertInto("person").values({ user_id: userId, password_is_one_time: 0, deactivated_at: null }).execute();
  await db
    .insertInto("role_grant")
    .values({ user_id: userId, role: "operator", level: "cluster", target: id })
    .execute();
  const made = { id, lookedAt: 0, userId };
  for (const arrange of new Set(names.map((name) => DECISIONS[name]?.arrange))) await arrange?.(made);
  return { ...made, lookedAt: await lastTurn(id) };
}
const userOf = (id: string) => {
  const at = new Date().toISOString();
  const no = engineOf === "postgres" ? false : 0;
  return {
    ...{ id, name: id, email: `${id}@x.invalid`, emailVerified: no, createdAt: at, updatedAt: at },
    ...{ username: id, displayUsername: id, twoFactorEnabled: no },
  };
};
let engineOf = "";

/** What is left in the store, without names of its own and times. */
async function leftOf({ id, userId }: Scene): Promise<string> {
  const { db } = await openStore();
  const intents = await db
    .selectFrom("intent")
    .select(["plan_id", "state", "ended_at", "recorded_at"])
    .where("cluster_id", "=", id)
    .orderBy("plan_id")
    .execute();
  const approvals = await db.selectFrom("approval").select("decision").where("cluster_id", "=", id).execute();
  const aside = await db.selectFrom("set_aside").select("member").where("cluster_id", "=", id).execute();
  const clusters = await db.selectFrom("cluster").select("two_person").where("id", "=", id).execute();
  const keys = await db.selectFrom("known_key").select("accepted_by").where("cluster_id", "=", id).execute();
  const grants = await db.selectFrom("role_grant").select("role").where("user_id", "=", userId).execute();
  const shown = intents.map((row) => ({
    ...row,
    ended_at: row.ended_at !== null,
    recorded_at: row.recorded_at !== null,
  }));
  return JSON.stringify({ shown, approvals, aside, clusters, keys, grants }).replaceAll(id, "c");
}

async function play(pair: readonly [string, string], how: "both" | "first" | "second"): Promise<string> {
  const made = await scene(pair);
  const [one, two] = pair.map((name) => () => outcome(DECISIONS[name]?.make(made) ?? Promise.reject(new Error(name))));
  if (!one || !two) throw new Error("a pair has two");
  let told: string[];
  if (how === "both") told = await Promise.all([one(), two()]);
  else if (how === "first") told = [await one(), await two()];
  else told = [await two(), await one()].reverse();
  return `${told.join(" + ")} ${await leftOf(made)}`;
}

const names = Object.keys(DECISIONS);
const PAIRS = names.flatMap((one, at) => names.slice(at).map((two) => [one, two] as const));

describe.each(ENGINES)("decisions about one cluster, on %s", (engine) => {
  let fresh: FreshStore;
  beforeAll(async () => {
    fresh = await freshStore(engine, { clusters: [] });
    engineOf = engine;
    administrator = false;
    await openStore();
  });
  afterAll(() => fresh.dispose());

  test.each(names)("“%s”: side by side with any other it ends as one after the other would", async (name) => {
    for (const pair of PAIRS.filter(([one]) => one === name)) {
      const rightOnes = [await play(pair, "first"), await play(pair, "second")];
      for (let time = 0; time < (engine === "postgres" ? 3 : 1); time += 1)
        expect(rightOnes, pair.join(" and ")).toContain(await play(pair, "both"));
    }
  });

  test.runIf(engine === "postgres")("each waits for the lock of its cluster before it looks", async () => {
    const { db } = await openStore();
    const free = new Set(UNLOCKED);
    for (const name of names.filter((one) => !free.has(one))) {
      const made = await scene([name]);
      await decide(made.id, async (transaction) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
        const pid = rows[0]?.pid ?? 0;
        const told = { is: false };
        const making = outcome(DECISIONS[name]?.make(made) ?? Promise.reject(new Error(name))).then(
          () => (told.is = true),
        );
        const isWaiting = async () => {
          const waiting = await sql<{ n: number }>`
            select count(*) as n from pg_stat_activity where ${pid} = any(pg_blocking_pids(pid))`.execute(db);
          expect(told.is, `${name} did not wait`).toBe(false);
          expect(waiting.rows[0]?.n, name).toBe(1);
        };
        await vi.waitFor(isWaiting, { timeout: 10_000, interval: 20 });
        void making;
      });
    }
  });
});

/** One conditional statement, or a lock of another kind: the list says which. */
const UNLOCKED = ["note a request of an operation", "change somebody's rights", "end an attempt that nobody sent"];

const written = /\.(insertInto|updateTable|deleteFrom|mergeInto|replaceInto)\(\s*"(\w+)"/g;
function statements(): Map<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync(join(ROOT, "lib"), { recursive: true, withFileTypes: true })) {
    const file = relative(ROOT, join(entry.parentPath, entry.name));
    if (
      !entry.isFile() ||
      !file.endsWith(".ts") ||
      /\.test\.ts$|\/testing\/|\/migrations\/|^lib\/simulator\//.test(file)
    )
      continue;
    for (const [, , table = ""] of readFileSync(join(ROOT, file), "utf8").matchAll(written)) {
      const key = `${file} ${table}`;
      found.set(key, (found.get(key) ?? 0) + 1);
    }
  }
  return found;
}

/** Rows of the list: `| decision | file | table ×n, … | safe by |`. */
const rows = readFileSync(join(ROOT, LIST), "utf8")
  .split("\n")
  .filter((line) => /^\| .*`lib\//.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, decision = "", file = "", tables = ""]) => ({ decision, file: file.replaceAll("`", ""), tables }));

test("every statement that writes is in the list, with what makes it safe", () => {
  const listed = new Map<string, number>();
  for (const { file, tables } of rows)
    for (const one of tables.split(", ")) {
      const [, table = "", times = "1"] = /^(\w+)(?: ×(\d+))?$/.exec(one) ?? [];
      listed.set(`${file} ${table}`, (listed.get(`${file} ${table}`) ?? 0) + Number(times));
    }
  const sorted = (map: Map<string, number>) => [...map].map(([key, n]) => `${key} ×${n}`).sort();
  expect(sorted(statements())).toEqual(sorted(listed));
});

test("every decision of the list is opened side by side with each other one", () => {
  const listed = rows.flatMap(({ decision }) => decision.split("; ")).filter((one) => one !== "–");
  expect([...new Set(listed)].sort()).toEqual([...names].sort());
});

test("everything that changes a cluster goes out with its proof", () => {
  const writes = /\b\w+\.(stop|start|zoneStop|operateDag|passNode)\(([^;]*?)\)[;)\]]/g;
  const calls = readdirSync(join(ROOT, "lib/lifecycle"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .flatMap((file) =>
      [...readFileSync(join(ROOT, "lib/lifecycle", file), "utf8").matchAll(writes)].map(([call]) => call),
    );
  expect(calls.length).toBeGreaterThan(6);
  expect(calls.filter((call) => !/heldRequest\(|, options\)/.test(call))).toEqual([]);
});
