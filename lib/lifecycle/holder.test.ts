import { readlinkSync } from "node:fs";
import type * as Fs from "node:fs";
import { hostname } from "node:os";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openStore } from "../db/store";
import { leaseNowMs, storeNowMs } from "../db/store-clock";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";

vi.mock("node:fs", async (actual) => {
  const fs = await actual<typeof Fs>();
  return { ...fs, readlinkSync: vi.fn(fs.readlinkSync) };
});

const { holderName, isGone, pidPlace } = await import("./holder");

const DEAD_PID = 999_999_999;
const HOLD_MS = 30_000;
const DAY_MS = 86_400_000;
let fresh: FreshStore;
const startOver = () => {
  const { __standdown: singletons } = globalThis as { __standdown?: Map<string, unknown> };
  for (const name of ["holder", "pid-place", "leases"]) singletons?.delete(`lifecycle.${name}`);
};
const by = async (holder: string, aheadMs = HOLD_MS) => ({
  ...{ planId: "p1", holder },
  heldUntil: (await leaseNowMs()) + aheadMs,
});
afterEach(async () => {
  vi.mocked(readlinkSync).mockRestore();
  vi.restoreAllMocks();
  vi.useRealTimers();
  await fresh.dispose();
});

describe.each(ENGINES)("who holds what, on %s", (engine) => {
  beforeEach(async () => {
    fresh = await freshStore(engine);
    await openStore();
  });

  test("a process of this place is gone when no process has its id, or when this one has it", async () => {
    const place = pidPlace();
    expect(await isGone(await by(holderName()))).toBe(false);
    expect(await isGone(await by(`${place}:${process.ppid}:other`))).toBe(false);
    expect(await isGone(await by(`${place}:${DEAD_PID}:gone`))).toBe(true);
    expect(await isGone(await by(`${place}:${process.pid}:before`))).toBe(true);
  });

  test("of a process whose ids are counted elsewhere only its lease tells, also under the same host name", async () => {
    const place = pidPlace();
    for (const other of [hostname(), `${place}0`, "elsewhere", ""])
      for (const pid of [process.pid, DEAD_PID]) {
        expect(await isGone(await by(`${other}:${pid}:x`)), `${other} ${pid}`).toBe(false);
        expect(await isGone(await by(`${other}:${pid}:x`, -1_000))).toBe(true);
      }
  });

  test("a clock of this host that is set by a day either way ends no lease and prolongs none", async () => {
    const [living, over] = [await by("elsewhere:1:x"), await by("elsewhere:1:x", -1_000)];
    for (const jumpMs of [DAY_MS, -DAY_MS]) {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + jumpMs });
      expect(await isGone(living), `${jumpMs}`).toBe(false);
      expect(await isGone({ ...over, planId: "p2" }), `${jumpMs}`).toBe(true);
      vi.useRealTimers();
    }
  });

  test("a lease that says it lasts for a year is over once nobody renews it", async () => {
    const left = await by("elsewhere:1:x", 365 * DAY_MS);
    const startMs = performance.now();
    expect(await isGone(left)).toBe(false);
    vi.spyOn(performance, "now").mockReturnValue(startMs + HOLD_MS + 1_000);
    expect(await isGone({ ...left, heldUntil: left.heldUntil + 1 })).toBe(false); // renewed
    vi.spyOn(performance, "now").mockReturnValue(startMs + 2 * HOLD_MS + 3_000);
    expect(await isGone({ ...left, heldUntil: left.heldUntil + 1 })).toBe(true);
  });
});

test.runIf(ENGINES.includes("postgres"))(
  "on a server all processes have its clock, whatever their own ones show",
  async () => {
    fresh = await freshStore("postgres");
    const before = await storeNowMs();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + DAY_MS });
    expect(Math.abs((await storeNowMs()) - before)).toBeLessThan(60_000);
  },
);

test.runIf(process.platform === "linux")(
  "two containers of one host are two places, and unknown ones are none",
  async () => {
    fresh = await freshStore();
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
    expect(await isGone(await by(`:${DEAD_PID}:gone`))).toBe(false);
  },
);
