import { describe, expect, test } from "vitest";
import type { Tenant } from "../obshell/schema";
import { estimateMajority, fullReplicasByZone } from "./majority";

type Reported = Parameters<typeof estimateMajority>[0];

const tenant = (name: string, locality: string, id = 1002): Tenant => ({
  name,
  id,
  status: "NORMAL",
  locality,
  primaryZone: "RANDOM",
});
const sys = (locality: string) => tenant("sys", locality, 1);
const THREE = "FULL{1}@zone1, FULL{1}@zone2, FULL{1}@zone3";
const FIVE = "F{1}@z1,F{1}@z2,F{1}@z3,F{1}@z4,F{1}@z5";
const abilities = { checksZones: true, reportsTenants: true };
const estimate = (tenants: Tenant[] | null, gone: readonly string[] = [], change: Partial<Reported> = {}) =>
  estimateMajority({ tenants, databaseReachable: true, abilities, zones: [], ...change }, (zone) =>
    gone.includes(zone),
  );
const judge = (locality: string, ...gone: string[]) =>
  estimate([sys("F@a,F@b,F@c"), tenant("pay", locality)], gone).verdict;

describe("reading a locality", () => {
  test.each([
    ["FULL{1}@zone1", { zone1: 1 }],
    ["F@zone1,F@zone2", { zone1: 1, zone2: 1 }],
    ["full{2}@zone1, FULL{1}@zone-2", { zone1: 2, "zone-2": 1 }],
    ["FULL{1}@zone1, READONLY{1}@zone2, COLUMNSTORE{1}@zone3", { zone1: 1 }],
    ["F{1},R{1}@zone1, F{1}@zone2", { zone1: 1, zone2: 1 }],
    ["FULL{1}@zone1, READONLY{ALL_SERVER}@zone1", { zone1: 1 }],
  ])("%s counts the full replicas of each zone", (locality, expected) => {
    expect(Object.fromEntries(fullReplicasByZone(locality) ?? [])).toEqual(expected);
  });

  test.each([
    ["", "nothing is reported"],
    ["FULL{1}", "no zone is named"],
    ["FULL{1}@zone1, FULL{1}", "the last part names no zone"],
    ["FULL{ALL_SERVER}@zone1", "how many full replicas that is stands elsewhere"],
    ["FULL{1}@everywhere", "everywhere is no zone"],
    ["ARBITRATION{1}@zone1", "the kind is unknown"],
    ["FULL{1}@zone1, LOGONLY{1}@zone2", "a log-only replica votes but cannot lead"],
    ["READONLY{1}@zone1", "no replica votes"],
    ["FULL{1}@zone1, garbage", "a part cannot be read"],
  ])("%s is not read, because %s", (locality) => {
    expect(fullReplicasByZone(locality)).toBeNull();
  });
});

describe("the console's own verdict", () => {
  test("three replicas: none gone is kept, one gone has no spare, two gone is lost", () => {
    expect(judge(THREE)).toBe("kept");
    expect(judge(THREE, "zone1")).toBe("no-spare");
    expect(judge(THREE, "zone1", "zone2")).toBe("lost");
  });

  test("five replicas keep a spare with one gone", () => {
    expect(judge(FIVE, "z1")).toBe("kept");
    expect(judge(FIVE, "z1", "z2")).toBe("no-spare");
    expect(judge(FIVE, "z1", "z2", "z3")).toBe("lost");
  });

  test("half is no majority, and a single replica never has a spare", () => {
    expect(judge("F@z1,F@z2")).toBe("no-spare");
    expect(judge("F@z1,F@z2", "z1")).toBe("lost");
    expect(judge("F@z1")).toBe("no-spare");
    expect(judge("F@z1", "z1")).toBe("lost");
  });

  test("a zone with two replicas counts twice", () => {
    expect(judge("F{2}@z1,F{1}@z2", "z2")).toBe("no-spare");
    expect(judge("F{2}@z1,F{1}@z2", "z1")).toBe("lost");
  });

  test("a zone that the tenant does not use does not matter to it", () => {
    expect(judge(THREE, "zone9")).toBe("kept");
  });

  test("the worst verdict wins and names its tenants only", () => {
    const tenants = [sys(THREE), tenant("pay", "F@zone1"), tenant("log", "F@zone2")];
    expect(estimate(tenants, ["zone1"])).toEqual({
      verdict: "lost",
      tenants: ["pay"],
      judged: 3,
      source: "estimate",
      why: null,
      doubts: ["placement"],
      setAside: [],
      guard: "nobody",
    });
  });

  test("sys is judged like any other tenant", () => {
    expect(estimate([sys("F@zone1"), tenant("pay", THREE)], ["zone1"])).toMatchObject({
      verdict: "lost",
      tenants: ["sys"],
    });
  });

  test("what cannot be judged is not known, and says why", () => {
    const why = (...args: Parameters<typeof estimate>) => {
      const { verdict, why: reason } = estimate(...args);
      return [verdict, reason];
    };
    const pay = tenant("pay", THREE);
    expect(why([sys(THREE), pay], [], { databaseReachable: false })).toEqual(["unknown", "database-unreachable"]);
    expect(why(null)).toEqual(["unknown", "no-tenants-reported"]);
    expect(why([])).toEqual(["unknown", "no-tenants-reported"]);
    expect(why([pay])).toEqual(["unknown", "sys-not-reported"]);
    expect(why(null, [], { abilities: { checksZones: false, reportsTenants: false } })).toEqual([
      "unknown",
      "version-too-old",
    ]);
    expect(why([sys(THREE), tenant("odd", "?")])).toEqual(["unknown", "locality-unreadable"]);
    expect(estimate([sys(THREE), tenant("odd", "?")]).tenants).toEqual(["odd"]);
  });

  test("one tenant that surely loses its majority is not hidden by another that cannot be judged", () => {
    const majority = estimate([tenant("odd", "?"), tenant("pay", THREE)], ["zone1", "zone2"]);
    expect(majority).toMatchObject({ verdict: "lost", tenants: ["pay"], judged: 1 });
  });
});
