import { describe, expect, test } from "vitest";
import type { Tenant } from "../obshell/schema";
import { estimateMajority, fullReplicasByZone } from "./majority";

const tenant = (name: string, locality: string): Tenant => ({
  name,
  id: 1,
  status: "NORMAL",
  locality,
  primaryZone: "RANDOM",
});
const THREE = "FULL{1}@zone1, FULL{1}@zone2, FULL{1}@zone3";
const FIVE = "F{1}@z1,F{1}@z2,F{1}@z3,F{1}@z4,F{1}@z5";
const judge = (locality: string, ...gone: string[]) =>
  estimateMajority([tenant("pay", locality)], new Set(gone), true).verdict;

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
    const tenants = [tenant("sys", THREE), tenant("pay", "F@zone1"), tenant("log", "F@zone2")];
    expect(estimateMajority(tenants, new Set(["zone1"]), true)).toEqual({
      verdict: "lost",
      tenants: ["pay"],
      judged: 3,
      source: "estimate",
      why: null,
    });
  });

  test("what cannot be judged is not known, and says why", () => {
    const why = (...args: Parameters<typeof estimateMajority>) => {
      const { verdict, why: reason } = estimateMajority(...args);
      return [verdict, reason];
    };
    expect(why([tenant("pay", THREE)], new Set(), false)).toEqual(["unknown", "database-unreachable"]);
    expect(why(null, new Set(), true)).toEqual(["unknown", "no-tenants-reported"]);
    expect(why([], new Set(), true)).toEqual(["unknown", "no-tenants-reported"]);
    expect(why([tenant("sys", THREE), tenant("pay", "?")], new Set(), true)).toEqual([
      "unknown",
      "locality-unreadable",
    ]);
  });

  test("one tenant that surely loses its majority is not hidden by another that cannot be judged", () => {
    const tenants = [tenant("odd", "?"), tenant("pay", THREE)];
    const majority = estimateMajority(tenants, new Set(["zone1", "zone2"]), true);
    expect(majority).toMatchObject({ verdict: "lost", tenants: ["pay"], judged: 1 });
  });
});
