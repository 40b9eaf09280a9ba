import { readlinkSync } from "node:fs";
import type * as Fs from "node:fs";
import { hostname } from "node:os";
import { afterEach, expect, test, vi } from "vitest";

vi.mock("node:fs", async (actual) => {
  const fs = await actual<typeof Fs>();
  return { ...fs, readlinkSync: vi.fn(fs.readlinkSync) };
});

const { holderName, holdUntil, isGone, pidPlace } = await import("./holder");

const DEAD_PID = 999_999_999;
const by = (holder: string, heldUntil = holdUntil()) => ({ holder, heldUntil });
const startOver = () => Reflect.deleteProperty(globalThis, "__standdown");
afterEach(() => {
  vi.mocked(readlinkSync).mockRestore();
  startOver();
});

test("a process of this place is gone when no process has its id, or when this one has it", () => {
  startOver();
  const place = pidPlace();
  expect(isGone(by(holderName()))).toBe(false);
  expect(isGone(by(`${place}:${process.ppid}:other`))).toBe(false);
  expect(isGone(by(`${place}:${DEAD_PID}:gone`))).toBe(true);
  expect(isGone(by(`${place}:${process.pid}:before`))).toBe(true);
});

test("of a process whose ids are counted elsewhere only the time tells, also under the same host name", () => {
  startOver();
  const place = pidPlace();
  for (const other of [hostname(), `${place}0`, "elsewhere", ""])
    for (const pid of [process.pid, DEAD_PID]) {
      expect(isGone(by(`${other}:${pid}:x`)), `${other} ${pid}`).toBe(false);
      expect(isGone(by(`${other}:${pid}:x`, Date.now() - 1))).toBe(true);
    }
});

test.runIf(process.platform === "linux")("two containers of one host are two places, and unknown ones are none", () => {
  startOver();
  const here = pidPlace();
  vi.mocked(readlinkSync).mockReturnValue("pid:[4026539999]");
  startOver();
  expect(pidPlace()).toMatch(/\/4026539999$/);
  expect(pidPlace()).not.toBe(here);
  vi.mocked(readlinkSync).mockImplementation(() => {
    throw new Error("not permitted");
  });
  startOver();
  expect(pidPlace()).toBe("");
  expect(isGone(by(`:${DEAD_PID}:gone`))).toBe(false);
});
