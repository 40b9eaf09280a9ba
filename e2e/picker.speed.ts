import { expect, type Page } from "@playwright/test";
import { test, type Standdown } from "./support/standdown";

test.use({ trace: "off" });

const BUDGET_MS = 100;
const TICKS = 7;

/** Milliseconds from a tick to the panel that counts it, at a quarter of the speed; the median. */
async function tickMs(page: Page, console: Standdown): Promise<number> {
  await page.goto(`${console.url}${console.clusterPath}?zone=zone1`);
  const rows = page.locator("[role=row][aria-level='2']");
  await expect(rows.first()).toBeVisible();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await rows.first().getByRole("checkbox").click();
  const took = await page.evaluate(async (ticks) => {
    const results: number[] = [];
    const row = document.querySelectorAll<HTMLElement>("[role=row][aria-level='2']")[1];
    for (let at = 0; at < ticks; at += 1) {
      const expected = at % 2 === 0 ? "2" : "1";
      const startedAt = performance.now();
      row?.click();
      while (document.querySelector("aside strong")?.textContent?.trim() !== expected) {
        if (performance.now() - startedAt > 2_000) break;
        await new Promise((next) => requestAnimationFrame(next));
      }
      results.push(performance.now() - startedAt);
    }
    return results.sort((left, right) => left - right);
  }, TICKS);
  await devtools.detach();
  return took[Math.floor(took.length / 2)] ?? Infinity;
}

test("a tick among 1,000 servers reaches the panel within 100 ms at a quarter of the speed (ux §20, check 12)", async ({
  page,
  standdown,
}) => {
  test.setTimeout(120_000);
  const small = await tickMs(page, await standdown({ scenario: "medium" }));
  const huge = await tickMs(page, await standdown({ scenario: "huge" }));
  const told = `9 servers ${small.toFixed(0)} ms, 1,000 servers ${huge.toFixed(0)} ms, ratio ${(huge / small).toFixed(2)}`;
  process.stdout.write(`    tick to panel: ${told}\n`);
  // On a machine that is busy with other work the baseline slows down as well, and twice of it is allowed (§20).
  expect(huge, told).toBeLessThanOrEqual(Math.max(BUDGET_MS, 2 * small));
  expect(await page.getByRole("row").count()).toBeLessThan(80);
});
