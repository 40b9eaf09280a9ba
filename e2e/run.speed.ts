import { expect, type Page } from "@playwright/test";
import { startStop } from "./support/start-stop";
import { test, type Standdown } from "./support/standdown";

// Recording a trace copies the page at every step and would be measured along.
test.use({ trace: "off" });

const BUDGET_MS = 200;
/** On a machine that is busy with other work one slow moment says nothing; a page that is slow is slow each time. */
const ROUNDS = 3;

/** Collects how long each interaction took to the next paint, and every frame in which a place of the matrix is empty. */
function watchInteractions() {
  const watched = { interactions: [] as number[], blank: { frames: 0, met: 0 } };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if ("interactionId" in entry && entry.interactionId) watched.interactions.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  const look = () => {
    const grid = document.querySelector("[role=treegrid]");
    if (grid) {
      const { left, top, bottom } = grid.getBoundingClientRect();
      const height = Math.min(bottom, innerHeight) - top - 80;
      const heights = Array.from({ length: 10 }, (_, at) => top + 70 + (height * at) / 10);
      watched.blank.frames += 1;
      if (heights.some((y) => !document.elementFromPoint(left + 60, y)?.closest("[role=row]"))) watched.blank.met += 1;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  return watched;
}

/** The slowest interaction with a live run at a quarter of the speed, in its best round, and the frames with blank rows. */
async function interact(page: Page, console: Standdown, targets: number) {
  await page.goto(`${await startStop(console, 0, targets)}?view=matrix`, { waitUntil: "commit" });
  const watched = await page.evaluateHandle(watchInteractions);
  await page.waitForLoadState();
  const matrix = page.getByRole("treegrid");
  await expect(matrix).toBeVisible();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const worst: number[] = [];
  let versions = 0;
  page.on("response", (response) => (versions += /\/runs\/\d+\?since=/.test(response.url()) ? 1 : 0));
  for (let round = 0; round < ROUNDS; round += 1) {
    await watched.evaluate((seen) => (seen.interactions = []));
    await matrix.getByRole("gridcell").nth(6).click();
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press(step % 4 === 3 ? "PageDown" : "ArrowDown");
      await page.waitForTimeout(250);
    }
    await page.keyboard.press("Escape");
    await page.mouse.move(600, 500);
    for (let turn = 0; turn < 15; turn += 1) await page.mouse.wheel(0, round % 2 === 0 ? 900 : -900);
    await page.waitForTimeout(300);
    worst.push(Math.max(16, ...(await watched.evaluate((seen) => seen.interactions))));
  }
  const blank = await watched.evaluate((seen) => seen.blank);
  await devtools.detach();
  return { ms: Math.min(...worst), blank, versions };
}

test("no interaction with 1,000 servers takes over 200 ms on a slow processor while updates arrive (ux §20, check 12)", async ({
  context,
  standdown,
}) => {
  test.setTimeout(240_000);
  const small = await interact(await context.newPage(), await standdown({ scenario: "medium", timeScale: 1 }), 3);
  const huge = await interact(await context.newPage(), await standdown({ scenario: "huge", timeScale: 1 }), 334);
  const told = `9 servers ${small.ms} ms, 1,000 servers ${huge.ms} ms, ratio ${(huge.ms / small.ms).toFixed(2)}`;
  process.stdout.write(`    slowest interaction of the run page: ${told}\n`);
  expect(huge.versions, "updates that arrived meanwhile").toBeGreaterThan(3);
  expect(huge.blank.met, `frames with blank rows, of ${huge.blank.frames}`).toBe(0);
  // On a machine that is busy with other work the baseline slows down as well, and twice of it is allowed (§20).
  expect(huge.ms, told).toBeLessThanOrEqual(Math.max(BUDGET_MS, 2 * small.ms));
});
