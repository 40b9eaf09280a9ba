import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exampleTopology } from "../clusters/testing/example-topology";
import { impactOf } from "./impact";
import { readLocality } from "./locality";
import { fullReplicasByZone } from "./majority";

const full = (locality: string, zones: readonly string[]) => {
  const replicas = fullReplicasByZone(locality, zones);
  return replicas && Object.fromEntries(replicas);
};

/** Names that a database takes and that look like something else. */
const ODD = [
  ...[
    "华东一区",
    "华东 一区",
    "zone 1",
    " zone",
    "zone ",
    "a,b",
    "a, b",
    "a@b",
    "@",
    "{1}",
    "a{2}",
    "zone.1",
    "zone-1",
  ],
  ...[
    "'z'",
    '"z"',
    "`z`",
    "FULL{1}",
    "FULL{1}@zone1",
    "F@z",
    "READONLY",
    "everywhere",
    "[a]",
    "a;b",
    "a\\b",
    "é",
    "😀",
    "0",
  ],
];

test.each(ODD)("a zone called %j is read like any other", (name) => {
  const zones = [name, "zone1", "zone2"];
  expect(full(`FULL{1}@zone1, FULL{2}@${name}, FULL{1}@zone2`, zones)).toEqual({ zone1: 1, [name]: 2, zone2: 1 });
  expect(full(`F@${name},R@zone2`, zones)).toEqual({ [name]: 1 });
  expect(full(`F{1},R{1}@${name}, F{1}@zone1`, zones)).toEqual({ [name]: 1, zone1: 1 });
});

describe("kinds and counts", () => {
  const zones = ["华东 一区", "zone2"];
  test.each([
    ["FULL@华东 一区,F{3}@zone2", { "华东 一区": 1, zone2: 3 }],
    ["FULL{1,MEMSTORE_PERCENT:90}@zone2", { zone2: 1 }],
    ["full{memstore_percent:0}@zone2", { zone2: 1 }],
    ["FULL{2, memstore_percent=50}@zone2, READONLY{ALL_SERVER}@华东 一区", { zone2: 2 }],
    ["FULL{1}@zone2 , COLUMNSTORE{1}@华东 一区", { zone2: 1 }],
  ])("%s", (locality, expected) => expect(full(locality, zones)).toEqual(expected));

  test.each([
    ...["LOGONLY{1}@zone2,FULL{1}@zone2", "ENCRYPTION_VOTING{1}@zone2, FULL@zone2", "ARBITRATION@zone2,F@zone2"],
    ...[
      "FULL{ALL_SERVER}@zone2",
      "FULL{1,UNIT}@zone2",
      "FULL{x}@zone2",
      "FULL{1,2}@zone2",
      "FULL{}@zone2",
      "FULL{1@zone2",
      "FULL 1@zone2",
    ],
    ...["FULL{1}@[zone2,华东 一区]", "FULL{1}@everywhere", "FULL{1}@华东 二区", "FULL{1}@zone2,", "@zone2"],
    ...["R@zone2", "", " ", ",", "FULL{1}"],
  ])("%j stays not known", (locality) => expect(full(locality, zones)).toBeNull());
});

test("a zone that the cluster does not have is read by its word, so that its replicas count as gone", () => {
  expect(full("FULL{1}@zone1, FULL{1}@归档", ["zone1"])).toEqual({ zone1: 1, 归档: 1 });
});

test("a text that can be read in two ways is not known", () => {
  expect(full("F@a,F@b", ["a", "b"])).toEqual({ a: 1, b: 1 });
  expect(full("F@a,F@b", ["a,F@b"])).toEqual({ "a,F@b": 1 });
  expect(full("F@a,F@b", ["a", "b", "a,F@b"])).toBeNull();
});

test("whatever zones are called, a locality is read as it was meant or not at all, and surely where names are words", () => {
  const names = fc.uniqueArray(
    fc.oneof(
      fc.constantFrom(...ODD),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
      fc.stringMatching(/^[F@,{}1 a]{1,8}$/),
    ),
    { minLength: 1, maxLength: 5 },
  );
  const kind = fc.record({ kind: fc.constantFrom("FULL", "F", "READONLY", "R"), count: fc.option(fc.nat({ max: 9 })) });
  const part = fc.tuple(fc.array(kind, { minLength: 1, maxLength: 3 }), fc.nat());
  fc.assert(
    fc.property(names, fc.array(part, { minLength: 1, maxLength: 6 }), (zones, drawn) => {
      const parts = drawn.map(([kinds, at]) => ({ kinds, zone: zones[at % zones.length] ?? "" }));
      const text = parts
        .map(
          ({ kinds, zone }) => `${kinds.map((one) => `${one.kind}{${one.count ?? "ALL_SERVER"}}`).join(",")}@${zone}`,
        )
        .join(", ");
      const read = readLocality(text, zones);
      if (read !== null || zones.every((zone) => !/[,@{}]/.test(zone))) expect(read).toEqual(parts);
    }),
    { numRuns: 2_000 },
  );
});

test("names made to be read in very many ways do not hold the page up", () => {
  const zones = Array.from({ length: 60 }, (_, at) => `a${",F@a".repeat(at)}`);
  const startedAt = performance.now();
  expect(full(`F@a${",F@a".repeat(2_000)}`, zones)).toBeNull();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test("with Chinese names, spaces and commas in them the majority is known as with any other", () => {
  const names = ["华东 一区", "华东 二区", "华南, 三区"];
  const plain = exampleTopology(3, 2);
  const rename = (text: string) => text.replace(/zone([123])/g, (_, number: string) => names[Number(number) - 1] ?? "");
  const topology = {
    ...plain,
    zones: plain.zones.map((zone) => ({
      ...zone,
      name: rename(zone.name),
      servers: zone.servers.map((server) => ({ ...server, zone: rename(server.zone) })),
    })),
    tenants: plain.tenants?.map((tenant) => ({ ...tenant, locality: rename(tenant.locality) })) ?? null,
  };
  expect(impactOf(topology, new Set(["10.0.1.1:2886"]), "terminate").majority).toMatchObject({
    ...{ verdict: "no-spare", judged: 2, why: null },
  });
  expect(impactOf(topology, new Set(["10.0.1.1:2886", "10.0.2.1:2886"]), "force").majority.verdict).toBe("lost");
});
