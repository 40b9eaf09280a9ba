import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { drawer, openTask } from "./support/open-task";
import { startStop } from "./support/start-stop";
import { test, type Standdown } from "./support/standdown";

test.describe.configure({ timeout: 120_000 });

const LINES = 100_000;
const LINE_PX = 20;
const MEGABYTE = 1_000_000;
/** The server of zone2 whose step says much, and goes on until it is let go. */
const TALKER = 4;

const box = (page: Page) => drawer(page).getByRole("log");
const address = ({ simulator }: Standdown) => simulator.agents[TALKER]?.address ?? "";

/** A running stop with a long log, on its page, its task ready to be opened. */
async function watchTalker(page: Page, console: Standdown) {
  console.simulator.setFault(address(console), { kind: "long-log", lines: LINES });
  console.simulator.setFault(address(console), { kind: "kill-slow" });
  await page.goto(`${await startStop(console, TALKER, TALKER + 1, { force: true })}?view=matrix`);
  const task = page.getByRole("gridcell", { name: new RegExp(`${address(console)}, step 4 .*(Running|Longer)`) });
  await expect(task).toBeVisible({ timeout: 45_000 });
  return task;
}

const heap = async (page: Page): Promise<number> => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return usedSize;
};

/** Distance to the end of what is scrolled, in pixels. */
const toEnd = (page: Page) => box(page).evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);

test("a log of 100,000 lines opens at its end, is followed, searched and downloaded (check 20)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", timeScale: 5 });
  const task = await watchTalker(page, console);
  const before = await heap(page);
  await openTask(page, task);
  await expect(box(page)).toContainText(`[${LINES}/${LINES}]`);
  await expect.poll(() => toEnd(page)).toBeLessThanOrEqual(24);
  await expect(drawer(page)).toContainText(/Last 5\d\d of 100,\d\d\d lines/); // the end, not all of it

  // Scrolling up pauses following; what comes meanwhile is counted, moves nothing, and is one click away.
  await box(page).hover();
  await page.mouse.wheel(0, -1_500);
  await expect.poll(() => toEnd(page)).toBeGreaterThan(500);
  const place = await box(page).evaluate((log) => log.scrollTop);
  console.simulator.setFault(address(console), { kind: "kill-slow" }, false);
  const news = drawer(page).getByRole("button", { name: /\d+ new lines? ↓/ });
  await expect(news).toBeVisible({ timeout: 30_000 });
  expect(await box(page).evaluate((log) => log.scrollTop)).toBe(place);
  await news.click();
  await expect(news).toHaveCount(0);
  await expect.poll(() => toEnd(page)).toBeLessThanOrEqual(24);

  // A search goes through all of it, and typing alone moves nothing.
  await page.keyboard.press("/");
  const search = drawer(page).getByRole("searchbox", { name: "Search the log" });
  await expect(search).toBeFocused();
  await search.fill("[77/");
  await expect(drawer(page).getByText("1 line", { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect.poll(() => toEnd(page)).toBeLessThanOrEqual(24);
  await search.press("Enter");
  await expect(box(page).locator("mark")).toHaveText("[77/");
  await expect(box(page).locator("mark")).toBeInViewport();
  await expect(drawer(page).getByText("1 of 1", { exact: true })).toBeVisible();
  expect((await heap(page)) - before).toBeLessThanOrEqual(50 * MEGABYTE);
  await search.press("Escape");
  await expect(search).toHaveValue("");
  await expect(box(page)).toBeFocused();
  await page.keyboard.press("End");
  await expect.poll(() => toEnd(page)).toBeLessThanOrEqual(24);

  const [file] = await Promise.all([
    page.waitForEvent("download"),
    drawer(page).getByRole("link", { name: "Download all" }).click(),
  ]);
  const text = await readFile((await file.path()) ?? "", "utf8");
  expect(text.split("\n").length).toBeGreaterThan(LINES);
  expect(text).toContain(`[1/${LINES}]`);
  await expect(box(page)).toHaveAttribute("aria-live", "off");
});

/** The first line in view, and how far below the top of the box it stands, in pixels. */
const firstInView = (page: Page) =>
  box(page).evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const lines = [...log.querySelectorAll<HTMLElement>("[data-line]")];
    const line = lines.find((one) => one.getBoundingClientRect().bottom > top);
    return { line: Number(line?.dataset.line), top: line ? Math.round(line.getBoundingClientRect().top - top) : NaN };
  });

/** Looks at every frame: how many pixels a line went, at the furthest, from where it was first seen. */
async function watchLine(page: Page, number: number) {
  const seen = await box(page).evaluateHandle((log, line) => {
    const watched: { first: number | null; furthest: number; frames: number } = { first: null, furthest: 0, frames: 0 };
    const look = () => {
      const drawn = log.querySelector(`[data-line="${line}"]`);
      const place = drawn ? drawn.getBoundingClientRect().top - log.getBoundingClientRect().top : Infinity;
      if (place >= 0 && place < log.clientHeight) watched.first ??= place;
      if (watched.first !== null) {
        watched.furthest = Math.max(watched.furthest, Math.abs(place - watched.first));
        watched.frames += 1;
      }
      requestAnimationFrame(look);
    };
    look();
    return watched;
  }, number);
  return () => seen.jsonValue();
}

test("older lines come when one scrolls up to them, and what is read stays where it is (ux D-19, L-8)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", timeScale: 5 });
  await openTask(page, await watchTalker(page, console));
  await expect(box(page)).toContainText(`[${LINES}/${LINES}]`);
  const [loaded = NaN, total = NaN] = (/Last ([\d,]+) of ([\d,]+) lines/.exec(await drawer(page).innerText()) ?? [])
    .slice(1)
    .map((count) => Number(count.replaceAll(",", "")));
  const oldest = total - loaded;
  const watched = await watchLine(page, oldest);
  await box(page).focus();
  await page.keyboard.press("Home");
  await expect(drawer(page)).toContainText(/Last 2,5\d\d of 100,\d\d\d lines/, { timeout: 30_000 });
  await expect.poll(() => firstInView(page)).toEqual({ line: oldest, top: 0 });
  const { frames, furthest } = await watched();
  expect(furthest, `in ${frames} frames`).toBeLessThanOrEqual(2 * LINE_PX);
  const lines = await box(page)
    .locator("[data-line]")
    .evaluateAll((all) => all.map((line) => Number(line.getAttribute("data-line"))));
  expect(lines[0]).toBeLessThan(oldest);
  expect(lines).toEqual(Array.from({ length: lines.length }, (_, at) => (lines[0] ?? 0) + at)); // none is missing

  // It stays when every line is laid out anew as well: each on one line, and in a box of another width.
  const wrap = drawer(page).getByRole("button", { name: "Wrap" });
  await wrap.click();
  await expect(wrap).toHaveAttribute("aria-pressed", "false");
  await expect.poll(() => firstInView(page)).toEqual({ line: oldest, top: 0 });
  await wrap.click();
  await page.setViewportSize({ width: 700, height: 720 });
  await expect.poll(() => firstInView(page)).toEqual({ line: oldest, top: 0 });
  await page.setViewportSize({ width: 1280, height: 720 });
  await expect.poll(() => firstInView(page)).toEqual({ line: oldest, top: 0 });

  // And from within the first lines, where the thumb was dragged to.
  await box(page).evaluate((log) => {
    log.scrollTop = 300;
    return new Promise(requestAnimationFrame);
  });
  const reached = await firstInView(page);
  await expect(drawer(page)).toContainText(/Last 4,5\d\d of 100,\d\d\d lines/, { timeout: 30_000 });
  await expect.poll(() => firstInView(page)).toEqual(reached);
});
