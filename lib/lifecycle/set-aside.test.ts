import { afterEach, describe, expect, test, vi } from "vitest";
import { attempts } from "../audit/journal";
import { verifyChain } from "../audit/verify-chain";
import { setMemberAside, takeMemberBack } from "../clusters/aside-members";
import type { Server } from "../clusters/schema";
import { endAside, markAside, readAside } from "../clusters/set-aside";
import { readTopology } from "../clusters/topology";
import { ENGINES } from "../db/testing/fresh-store";
import { openStore } from "../db/store";
import type { SimulatorOptions } from "../simulator/cluster";
import { makePlan, readPlan } from "./plans";
import type { Plan } from "./schema";
import { startStage, type Stage } from "./testing/stage";

vi.setConfig({ testTimeout: 60_000 });

let stage: Stage;
afterEach(() => stage.end());

/** A look at a host that is gone without a word takes its time. */
const POLL = { timeout: 30_000 };
const REASON = "host lost, rebuilt on its successor";
const clusterId = "c1";
const acting = (attemptId: string = crypto.randomUUID()) => ({ person: { name: "zhao" }, attemptId });
const setAside = (server: string, by = acting()) => setMemberAside({ clusterId, server, reason: REASON }, by);
const takeBack = (server: string, by = acting()) => takeMemberBack({ clusterId, server }, by);
const look = async () => (await readTopology(clusterId, { maxAgeMs: 0 })).zones.flatMap((zone) => zone.servers);
const find = async (is: (server: Server) => boolean): Promise<Server> => {
  const found = (await look()).find(is);
  if (!found) throw new Error("no such server");
  return found;
};
const ghost = () => find((server) => server.innerStatus === "INACTIVE");
const planZone1 = (): Promise<Plan> => stage.plan(stage.inZone("zone1"));
const asideNow = async () => (await look()).filter((server) => server.setAside !== null).map(({ address }) => address);
const isWhole = async () => (await verifyChain((await openStore()).db)).ok;

describe.each(ENGINES)("a member that is gone for good, on %s", (engine) => {
  const begin = async (options: Partial<SimulatorOptions> = {}) =>
    void (stage = await startStage(engine, { scenario: "ghost-member", ...options }));

  test("makes every other stop lose the majority, until it is set aside; then the plan says who is left out", async () => {
    await begin();
    expect((await planZone1()).impact.majority).toMatchObject({ verdict: "lost", setAside: [] });
    const { address } = await ghost();
    await setAside(address);
    const aside = { server: address, by: "zhao", reason: REASON, since: expect.any(String) };
    const plan = await planZone1();
    expect(plan.impact.majority).toMatchObject({ verdict: "no-spare", setAside: [aside] });
    expect(plan.checks.find(({ id }) => id === "majority")?.params).toMatchObject({ aside: 1 });
    expect(plan.impact).toMatchObject({ total: 4, stopping: 1, staying: 2 });
    expect(await stage.confirm(plan)).toMatchObject({ state: "accepted" });
  });

  test("that is set aside still is so after a restart, and in every other process", async () => {
    await begin();
    const { address } = await ghost();
    await setAside(address);
    await stage.restart();
    expect(await asideNow()).toEqual([address]);
    expect((await ghost()).setAside).toMatchObject({ by: "zhao", reason: REASON });
  });

  test("is set aside once, and taken back once, each on record in the chain", async () => {
    await begin();
    const { address } = await ghost();
    const twice = await Promise.allSettled([setAside(address), setAside(address)]);
    expect(twice.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(setAside(address)).rejects.toMatchObject({ kind: "member-aside" });
    await takeBack(address);
    await expect(takeBack(address)).rejects.toMatchObject({ kind: "member-not-aside" });
    await expect.poll(asideNow).toEqual([]);
    expect((await planZone1()).impact.majority).toMatchObject({ verdict: "lost", setAside: [] });
    const lines = (await attempts(clusterId)).map(({ opened, event }) => [opened.action, opened.by, event]);
    expect(lines).toEqual([
      ["member.take-back", "zhao", "accepted"],
      ["member.set-aside", "zhao", "accepted"],
    ]);
    expect(await isWhole()).toBe(true);
  });

  test("nothing is set aside without its record", async () => {
    await begin();
    const { address } = await ghost();
    const { db } = await openStore();
    await db.deleteFrom("audit_head").execute(); // nothing can be added to the chain
    await expect(setAside(address)).rejects.toMatchObject({ kind: "audit-unwritable" });
    expect(await asideNow()).toEqual([]);
  });
});

describe("a plan and the members that are set aside", () => {
  const begin = async () => void (stage = await startStage("sqlite", { scenario: "ghost-member" }));

  test("a plan that was reviewed with a member set aside is not sent once it counts again", async () => {
    await begin();
    const { address } = await ghost();
    await setAside(address);
    const plan = await planZone1();
    await takeBack(address);
    await expect(stage.confirm(plan)).rejects.toMatchObject({ kind: "plan-changed" });
    expect(stage.writes()).toEqual([]);
    const now = await readPlan(clusterId, plan.id);
    expect(now.state).toBe("changed");
    expect(now.changes.map(({ message }) => message)).toEqual(expect.arrayContaining(["set-aside", "majority"]));
  });

  test("nor is one that was reviewed before it was set aside, or for another reason than now", async () => {
    await begin();
    const { address } = await ghost();
    const before = await planZone1();
    await setAside(address);
    await expect(stage.confirm(before)).rejects.toMatchObject({ kind: "plan-changed" });
    const reviewed = await planZone1();
    await takeBack(address);
    await setMemberAside({ clusterId, server: address, reason: "quite another reason" }, acting());
    await expect(stage.confirm(reviewed)).rejects.toMatchObject({ kind: "plan-changed" });
    expect(stage.writes()).toEqual([]);
  });

  test("a start judges the majority without it as well", async () => {
    await begin();
    const { address } = await ghost();
    await setAside(address);
    const [zone1 = ""] = stage.inZone("zone1");
    stage.simulator.setObserver(zone1, "process-stopped");
    const request = { clusterId, servers: [zone1], releases: [], continues: null };
    const plan = await makePlan({ action: "start", ...request }, stage.person);
    expect(plan.impact.majority).toMatchObject({ verdict: "kept", setAside: [{ server: address }] });
  });
});

describe("who cannot be set aside", () => {
  const begin = async (options: Partial<SimulatorOptions> = {}) =>
    void (stage = await startStage("sqlite", { scenario: "ghost-member", timeScale: 200, ...options }));
  const refused = (server: string, why: string) =>
    expect(setAside(server)).rejects.toMatchObject({ kind: "member-not-gone", facts: { params: { server, why } } });

  test("a member that is up, or whose process is gone while its agent answers", async () => {
    await begin();
    const [first = ""] = stage.inZone("zone1");
    await refused(first, "answers");
    stage.simulator.setObserver(first, "process-stopped");
    await expect.poll(async () => (await find(({ address }) => address === first)).innerStatus).toBe("INACTIVE");
    await refused(first, "answers");
    expect(await asideNow()).toEqual([]);
  });

  test("a silent one that the database calls active, or of which no database tells anything", async () => {
    await begin();
    const [first = ""] = stage.inZone("zone2");
    stage.simulator.setFault(first, { kind: "agent-down" });
    await refused(first, "active");
    stage.simulator.setFault("*", { kind: "database-down" });
    await refused(first, "not-told");
    expect(await asideNow()).toEqual([]);
  });

  test("a frozen one, which the database calls inactive and whose agent lives", async () => {
    await begin();
    const [frozen = ""] = stage.inZone("zone2");
    stage.simulator.setFault(frozen, { kind: "observer-frozen" });
    const now = () => find(({ address }) => address === frozen);
    await expect.poll(async () => (await now()).innerStatus, POLL).toBe("INACTIVE");
    await expect.poll(async () => (await now()).agent?.condition, POLL).toBe("hangs");
    await refused(frozen, "answers");
  });

  test("one that is none of the cluster's", async () => {
    await begin();
    await expect(setAside("10.9.9.9:2882")).rejects.toMatchObject({ kind: "target-unknown" });
  });
});

describe("it ends by itself", () => {
  const begin = async () => void (stage = await startStage("sqlite", { scenario: "medium", timeScale: 200 }));
  const lastRecord = async () => {
    const [newest] = await attempts(clusterId, { limit: 1 });
    return newest && [newest.opened.action, newest.opened.by, newest.event, newest.opened.detail.text];
  };
  /** Its host is gone, and the database has noticed. */
  const lose = async (address: string, kind: "agent-down" | "host-silent" = "agent-down") => {
    stage.simulator.setObserver(address, "process-stopped");
    stage.simulator.setFault(address, { kind });
    await expect.poll(async () => (await find((one) => one.address === address)).innerStatus, POLL).toBe("INACTIVE");
  };

  test.each(["agent-down", "host-silent"] as const)(
    "when its agent answers again after %s, for good and on record",
    async (kind) => {
      await begin();
      const [lost = ""] = stage.inZone("zone3");
      await lose(lost, kind);
      await setAside(lost);
      expect(await asideNow()).toEqual([lost]);
      stage.simulator.setFault(lost, { kind }, false);
      await expect.poll(asideNow, POLL).toEqual([]);
      expect(await lastRecord()).toEqual(["member.take-back", "console", "accepted", "its agent answers again"]);
      await lose(lost);
      expect(await asideNow()).toEqual([]);
      expect(await isWhole()).toBe(true);
    },
  );

  test("when the database calls it active, though its agent is silent", async () => {
    await begin();
    const [lost = ""] = stage.inZone("zone3");
    await lose(lost);
    await setAside(lost);
    stage.simulator.setObserver(lost, "serving");
    await expect.poll(asideNow).toEqual([]);
    expect(await lastRecord()).toEqual([
      ...["member.take-back", "console", "accepted", "the database calls it active again"],
    ]);
  });

  test("when it has left the cluster, as a complete picture tells, and not for a picture without the database", async () => {
    await begin();
    const [lost = ""] = stage.inZone("zone3");
    await lose(lost);
    await setAside(lost);
    const whole = await readTopology(clusterId, { maxAgeMs: 0 });
    const without = {
      ...whole,
      zones: whole.zones.map((zone) => ({ ...zone, servers: zone.servers.filter(({ address }) => address !== lost) })),
    };
    const rows = await readAside(clusterId);
    await endAside({ ...without, databaseReachable: false }, rows);
    expect(await asideNow()).toEqual([lost]);
    await Promise.all([endAside(without, rows), endAside(without, rows)]);
    expect(await lastRecord()).toEqual(["member.take-back", "console", "accepted", "it has left the cluster"]);
    expect((await attempts(clusterId)).filter(({ opened }) => opened.by === "console")).toHaveLength(1);
    expect(await asideNow()).toEqual([]);
  });

  test("that its agent has gone meanwhile leaves it the same member", async () => {
    await begin();
    const [lost = ""] = stage.inZone("zone3");
    await lose(lost);
    await setAside(lost);
    const whole = await readTopology(clusterId, { maxAgeMs: 0 });
    const renamed = (server: Server): Server =>
      server.address === lost
        ? { ...server, address: `${server.ip}:${server.svrPort}`, agentless: "none", agent: null }
        : server;
    const zones = whole.zones.map((zone) => ({ ...zone, servers: zone.servers.map(renamed) }));
    const rows = await readAside(clusterId);
    const marked = markAside({ ...whole, zones }, rows).zones.flatMap((zone) => zone.servers);
    expect(marked.filter((server) => server.setAside !== null).map(({ agentless }) => agentless)).toEqual(["none"]);
  });
});
