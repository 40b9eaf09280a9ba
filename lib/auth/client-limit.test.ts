import { beforeEach, expect, test } from "vitest";
import { restartProcess } from "../db/testing/fresh-store";
import { limitClient } from "./client-limit";

beforeEach(restartProcess);

const ask = (address: string, nowMs: number): string => {
  try {
    limitClient(new Headers({ "x-standdown-client": address }), nowMs);
    return "asked";
  } catch (error) {
    return (error as { kind: string }).kind;
  }
};

test("a client that asks too often in a minute is refused, and nobody else", () => {
  const answers = Array.from({ length: 61 }, () => ask("10.0.0.1", 1_000));
  expect(answers.filter((answer) => answer === "asked")).toHaveLength(60);
  expect(answers.at(-1)).toBe("too-many-tries");
  expect(ask("10.0.0.2", 2_000)).toBe("asked");
  expect(ask("10.0.0.1", 61_000)).toBe("asked");
});

test("all addresses of one IPv6 network are one client", () => {
  for (let at = 0; at < 60; at += 1) expect(ask(`2001:db8::${at.toString(16)}`, 1_000)).toBe("asked");
  expect(ask("2001:db8:0:0:1:2:3:4", 1_000)).toBe("too-many-tries");
  expect(ask("2001:db8:0:1::1", 1_000)).toBe("asked");
});
