import { expect, type Page } from "@playwright/test";
import { startStop } from "./support/start-stop";
import { test, type Standdown } from "./support/standdown";

// Recording a trace copies the page at every step and would be measured along.
test.use({ trace: "off" });

const BUDGET_MS = 200;

/** The 75th percentile of the interactions with a live run at a quarter of the speed, and the blank rows met. */
async function interactionMs(page: Page, console: Standdown, targets: number): Promise<{ p75: number; blank: number }> {
  await page.addInitScript(() => {
    const seen: number[] = [];
    Object.assign(window, { interactions: seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ("interactionId" in entry && entry.interactionId) seen.push(entry.duration);
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  });
  await page.goto(`${await startStop(console, 0, targets)}?view=matrix`);
  const matrix = page.getByRole("treegrid");
  await expect(matrix).toBeVisible();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await matrix.getByRole("gridcell").nth(6).click();
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press(step % 4 === 3 ? "PageDown" : "ArrowDown");
    await page.waitForTimeout(250);
  }
  await page.keyboard.press("Escape");
  await page.mouse.move(600, 500);
  for (let turn = 0; turn < 15; turn += 1) await page.mouse.wheel(0, 900);
  await page.waitForTimeout(300);
  const blank = await matrix.evaluate((grid) => {
    const { left, top, bottom } = grid.getBoundingClientRect();
    const heights = Array.from(
      { length: 10 },
      (_, at) => top + 70 + ((Math.min(bottom, innerHeight) - top - 80) * at) / 10,
    );
    return heights.filter((y) => !document.elementFromPoint(left + 60, y)?.closest("[role=row]")).length;
  });
  const durations = await page.evaluate(() => (window as unknown as { interactions: number[] }).interactions);
  durations.sort((a, b) => a - b);
  await devtools.detach();
  return { p75: durations[Math.floor(durations.length * 0.75)] ?? 0, blank };
}

test("1,000 servers answer within 200 ms on a slow processor while updates arrive (ux §20, check 12)", async ({
  context,
  standdown,
}) => {
  test.setTimeout(180_000);
  const small = await interactionMs(await context.newPage(), await standdown({ scenario: "medium", timeScale: 1 }), 3);
  const huge = await interactionMs(await context.newPage(), await standdown({ scenario: "huge", timeScale: 1 }), 334);
  const told = `9 servers ${small.p75} ms, 1,000 servers ${huge.p75} ms, ratio ${(huge.p75 / Math.max(16, small.p75)).toFixed(2)}`;
  process.stdout.write(`    interactions of the run page, 75th percentile: ${told}\n`);
  expect(huge.blank).toBe(0);
  // On a machine that is busy with other work the baseline slows down as well, and twice of it is allowed (§20).
  expect(huge.p75, told).toBeLessThanOrEqual(Math.max(BUDGET_MS, 2 * small.p75));
});
