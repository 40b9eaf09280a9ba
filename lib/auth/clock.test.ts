import { afterEach, expect, test, vi } from "vitest";
import { ENGINES, freshStore, type FreshStore } from "../db/testing/fresh-store";
import { limitsOf } from "./session-limits";
import { beginTry } from "./tries";

let fresh: FreshStore;
afterEach(async () => {
  vi.useRealTimers();
  await fresh.dispose();
});

test.runIf(ENGINES.includes("postgres"))(
  "a lock that one host sets is not over sooner on another whose clock is ahead",
  async () => {
    fresh = await freshStore("postgres");
    for (let at = 0; at < 5; at += 1) await beginTry("li.wei");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 600_000 });
    await expect(beginTry("li.wei")).rejects.toMatchObject({ kind: "locked-out" });
  },
);

test("a session lasts as long from the store's clock as the library counts from this host's", async () => {
  fresh = await freshStore();
  const nowMs = Date.now() + 600_000;
  const { expiresAt, provenAt } = limitsOf({ expiresAt: new Date(Date.now() + 3_600_000) }, null, nowMs);
  expect(Math.abs(expiresAt.getTime() - nowMs - 3_600_000)).toBeLessThan(5_000);
  expect(provenAt).toBe(new Date(nowMs).toISOString());
});
