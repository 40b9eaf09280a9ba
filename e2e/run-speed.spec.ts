import { expect } from "@playwright/test";
import { startStop } from "./support/start-stop";
import { test } from "./support/standdown";

// Recording a trace copies the page at every step and would be measured along.
test.use({ trace: "off" });

test("1,000 servers answer within 200 ms on a slow processor while updates arrive (check 12)", async ({
  page,
  standdown,
}) => {
  test.setTimeout(120_000);
  const console = await standdown({ scenario: "huge", timeScale: 1 });
  await page.addInitScript(() => {
    const seen: number[] = [];
    Object.assign(window, { interactions: seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ("interactionId" in entry && entry.interactionId) seen.push(entry.duration);
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  });
  await page.goto(await startStop(console, 0, 334));
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
  expect(blank).toBe(0);
  const durations = await page.evaluate(() => (window as unknown as { interactions: number[] }).interactions);
  durations.sort((a, b) => a - b);
  // The 75th percentile, as the budget says: other tests share the processor, and their pauses are not the page's.
  expect(durations[Math.floor(durations.length * 0.75)], durations.join(", ")).toBeLessThanOrEqual(200);
});
