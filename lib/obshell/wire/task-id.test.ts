import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress } from "../../address";
import { decodeTaskId, encodeTaskId, taskOwner } from "./task-id";

test.each([
  ["201677721710288617", "10.0.0.11:2886", "17"],
  ["3336294682933583715844663186250927177745028865", "[fd00::11]:2886", "5"],
  ["22130706433028869", "127.0.0.1:2886", "9"],
])("%s is task %3$s of %2$s", (id, address, localId) => {
  expect(decodeTaskId(id)).toEqual({ owner: "agent", address, localId });
  expect(encodeTaskId(address, localId)).toBe(id);
  expect(taskOwner(id)).toBe(address);
});

test("a cluster task has no agent, and neither has what is no id", () => {
  expect(decodeTaskId("142")).toEqual({ owner: "cluster", localId: "42" });
  expect(taskOwner("142")).toBeNull();
  expect(decodeTaskId("401677721710288617")).toMatchObject({ owner: "obproxy", address: "10.0.0.11:2886" });
});

test.each([
  "",
  "1",
  "2",
  "abc",
  "0123",
  "6123",
  "2016777217102886",
  "29999999999028861",
  "20167772171999991",
  "../ob/stop",
  "1 2",
  "-1",
])("%j is no task id", (id) => {
  expect(decodeTaskId(id)).toBeNull();
});

test.each([
  "10.0.0.11",
  "host:2886",
  "10.0.0.256:2886",
  "fd00::11:2886",
  "[fd00::1::2]:2886",
  "[fd00]:2886",
  "10.0.0.1:99999",
])("%j has no ids", (address) => {
  expect(encodeTaskId(address, 1)).toBeNull();
});

test("every address and number comes back as it went in", () => {
  const port = fc.integer({ min: 1025, max: 65_535 });
  const localId = fc.integer({ min: 1, max: 2 ** 31 });
  fc.assert(
    fc.property(fc.ipV4(), port, localId, (ip, at, number) => {
      const address = formatAddress(ip, at);
      expect(decodeTaskId(encodeTaskId(address, number) ?? "")).toEqual({
        owner: "agent",
        address,
        localId: `${number}`,
      });
    }),
  );
  const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(
    fc.property(groups, port, localId, (parts, at, number) => {
      const canonical = new URL(`http://[${parts.map((part) => part.toString(16)).join(":")}]:${at}`).host;
      const decoded = decodeTaskId(encodeTaskId(canonical, number) ?? "");
      expect(decoded).toEqual({ owner: "agent", address: canonical, localId: `${number}` });
    }),
  );
});
