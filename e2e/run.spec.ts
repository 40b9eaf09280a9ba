import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { startStop } from "./support/start-stop";
import { test } from "./support/standdown";

/** In `one-fails` the second server of this zone cannot be killed. */
const ZONE2 = [3, 6] as const;

test.describe.configure({ timeout: 90_000 });

const sidewaysScroll = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

test("a run of 300 servers opens as a matrix whose header and first column stay (check 11)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "large" });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(await startStop(console, 0, 300));
  const matrix = page.getByRole("treegrid");
  await expect(matrix).toBeVisible();
  await expect(matrix.getByRole("row", { name: /zone1/ })).toBeVisible();
  await expect(matrix).toHaveAttribute("aria-rowcount", "305"); // header, coordinator, 3 zones, 300 servers
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);

  const header = matrix.getByRole("columnheader", { name: "Server", exact: true });
  await matrix.evaluate((grid) => grid.scrollTo(0, 4_000));
  await page.mouse.move(600, 700); // while a pointer is over the rows, none moves
  await expect(header).toBeInViewport();
  const address = matrix.getByRole("rowheader", { name: /:\d+$/ }).nth(15);
  const before = await address.boundingBox();
  await matrix.evaluate((grid) => grid.scrollBy(400, 0));
  expect((await address.boundingBox())?.x).toBe(before?.x);
});

test("a small run is drawn as a graph that fits, stands still, and can be spoken and reached (check 13)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "small", timeScale: 4 });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(await startStop(console, 0, 1));
  const graph = page.getByRole("list", { name: "Stages from left to right" });
  await expect(graph).toBeVisible();
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  const places = () =>
    graph.getByRole("button").evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().x));
  const before = await places();
  expect(before.length).toBeGreaterThanOrEqual(9);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("steps finished", {
    ignoreCase: true,
    timeout: 25_000,
  });
  expect(await places()).toEqual(before);
  const names = await graph
    .getByRole("button")
    .evaluateAll((nodes) => nodes.map((node) => node.getAttribute("aria-label")));
  for (const name of names) expect(name).toMatch(/, step \d .+, (Done|Waiting|Running).*, attempt \d/);
  await graph.getByRole("button").first().focus();
  await page.keyboard.press("Tab");
  await expect(graph.getByRole("button").nth(1)).toBeFocused();
});

test("a failure shows in the tab, and n opens it at its first error line (check 14)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "one-fails" });
  await page.addInitScript(() => {
    const state = { hidden: true };
    Object.defineProperty(document, "hidden", { get: () => state.hidden });
    document.addEventListener("test:come-back", () => {
      state.hidden = false;
      document.dispatchEvent(new Event("visibilitychange"));
    });
  });
  await page.goto(await startStop(console, ...ZONE2));
  await expect(page).toHaveTitle(/^✕ \d+ failed/, { timeout: 60_000 });
  await expect(page.locator("link[rel=icon][data-run=failed]")).toBeAttached();
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
  await page.evaluate(() => document.dispatchEvent(new Event("test:come-back")));
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/failed/i);
  await page.keyboard.press("n");
  await expect(page).toHaveURL(/task=\d+/);
  const drawer = page.getByRole("complementary", { name: "Task and its log" });
  await expect(drawer.getByText("Failed", { exact: true })).toBeVisible();
  await expect(drawer.getByText(/Last error, line \d+/)).toBeVisible();
  await expect(
    drawer
      .getByRole("log")
      .getByText(/error|fail/i)
      .first(),
  ).toBeInViewport(); // its first error line
});

test("a server's own run waits in FAILED and is never shown as a failure (check 15)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "slow-agent", timeScale: 1 });
  console.simulator.setFault("*", { kind: "stage-held", stage: "wait" });
  await page.goto(`${await startStop(console, ...ZONE2)}?view=matrix`);
  const matrix = page.getByRole("treegrid");
  await matrix
    .getByRole("gridcell", { name: /step 1 Prepare, Done/ })
    .first()
    .click();
  const drawer = page.getByRole("complementary", { name: "Task and its log" });
  await drawer.getByText("The server's own run").click();
  // Its agent takes seconds for each answer, and one is asked at a time.
  await expect(drawer.getByText("Waiting for the coordinator").first()).toBeVisible({ timeout: 30_000 });
  await expect(drawer.getByText("Failed", { exact: true })).toHaveCount(0);
  await expect(page.locator(".bg-fail")).toHaveCount(0);
});

test("without colour every state has a sign or a word (check 23)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "one-fails" });
  await page.goto(`${await startStop(console, ...ZONE2)}?view=matrix`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/failed/i, { timeout: 20_000 });
  const cells = page.getByRole("treegrid").locator("[role=gridcell][data-task]");
  const signs = await cells.evaluateAll((found) =>
    found.map((cell) => `${cell.textContent.trim().charAt(0)} ${cell.getAttribute("aria-label") ?? ""}`),
  );
  const SIGN = { Done: "✓", Failed: "✕", Waiting: "○", Running: "◐", "Not begun": "○" };
  for (const [word, sign] of Object.entries(SIGN))
    for (const cell of signs.filter((text) => text.includes(`, ${word}`))) expect(cell.charAt(0)).toBe(sign);
  expect(signs.some((text) => text.startsWith("✕"))).toBe(true);
  await page.getByRole("button", { name: "Tiles", exact: true }).click();
  await expect(page.getByRole("button", { name: /, Failed$/ }).first()).toContainText("✕");
  await page.getByRole("button", { name: "Graph", exact: true }).click();
  const nodes = page.getByRole("list", { name: "Stages from left to right" }).getByRole("button");
  for (const node of await nodes.all())
    await expect(node).toContainText(/[✓✕○◐].*(Done|Failed|Waiting|Running|Not begun)/);
  await expect(nodes.filter({ hasText: "Failed" }).first()).toContainText("✕");
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, colorScheme: "dark" });

  test("tiles, the truth line and a log use one thumb and no sideways scroll (check 22)", async ({
    page,
    standdown,
  }) => {
    const console = await standdown({ scenario: "one-fails" });
    await page.goto(await startStop(console, ...ZONE2));
    await expect(page.getByRole("heading", { level: 1 })).toContainText(/failed/i, { timeout: 20_000 });
    await expect(page.getByRole("button", { name: "Tiles", exact: true })).toHaveAttribute("aria-pressed", "true");
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
    await page.getByRole("button", { name: /failed, show/ }).tap();
    const drawer = page.getByRole("complementary", { name: "Task and its log" });
    const box = await drawer.boundingBox();
    expect([box?.width, box?.height]).toEqual([360, 640]);
    const close = drawer.getByRole("button", { name: "Close" });
    expect((await close.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await close.tap();
    await expect(drawer).toHaveCount(0);
  });
});

for (const [locale, colorScheme] of [
  ["en-GB", "light"],
  ["zh-CN", "dark"],
] as const)
  test.describe(`in ${locale}, ${colorScheme}`, () => {
    test.use({ locale, colorScheme });

    test("every view and the log pass the accessibility check (check 24)", async ({ page, standdown }) => {
      const console = await standdown({ scenario: "one-fails" });
      const run = await startStop(console, ...ZONE2);
      for (const view of ["matrix", "tiles", "graph", "list"]) {
        await page.goto(`${run}?view=${view}`);
        await expect(page).toHaveTitle(/^✕/, { timeout: 20_000 });
        if (view === "matrix") await page.keyboard.press("n");
        await page.waitForTimeout(300);
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        expect(serious.map(({ id, nodes }) => `${view} ${id}: ${nodes[0]?.html ?? ""}`)).toEqual([]);
      }
    });
  });

test("an id that is not one, or belongs to nobody, says so and leads on", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "small" });
  await page.goto(`${console.url}${console.clusterPath}/runs/abc`);
  await expect(page.getByRole("alert").filter({ hasText: "This is not a task id." })).toBeVisible();
  await page.getByRole("link", { name: "All runs" }).click();
  await expect(page.getByText("No runs yet. A stop you start appears here.")).toBeVisible();
});
