import { expect, type Locator } from "@playwright/test";
import { test } from "./support/standdown";
import { dialog, go, keep, opener, servers, settled, sidewaysScroll, stopsSent } from "./support/stop";
import { isOnTop, isScrolledIn, PHONE, slowDown, smallTargets, swipeUp } from "./support/touch";

test.describe.configure({ timeout: 120_000 });
test.use(PHONE);

test("a force stop is found, judged, confirmed and followed with one thumb on a slow line (check 22)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", environment: "PROD" });
  const [target = ""] = servers(console, "zone1", 1);
  console.simulator.setFault("*", { kind: "stage-held", stage: "wait" });
  await slowDown(page);
  const fits = async (where: string) => {
    expect.soft(await sidewaysScroll(page), where).toBeLessThanOrEqual(0);
    expect.soft(await smallTargets(page), where).toEqual([]);
  };
  const swipeTo = async (part: Locator) => {
    for (let swipes = 0; swipes < 30; swipes += 1) {
      if (await part.evaluate((element) => element.getBoundingClientRect().bottom <= innerHeight)) return swipes;
      await swipeUp(page, 350);
    }
    throw new Error("It is not reached by swiping.");
  };

  await page.goto(`${console.url}/clusters`);
  const cluster = page.getByRole("link", { name: "demo-medium", exact: true });
  await expect(cluster).toBeVisible();
  await expect(page.getByText("9 of 9 serving")).toBeVisible();
  await fits("clusters");
  await cluster.tap();

  const bar = page.getByRole("button", { name: /^0 selected/ });
  await expect(bar).toBeVisible();
  await page.getByRole("row").filter({ hasText: target }).tap();
  await expect(page.getByRole("checkbox", { name: target, exact: true })).toBeChecked();
  await fits("picker");
  await page.getByRole("button", { name: /^1 selected.*Majority kept, no spare left/ }).tap();

  const sheet = page.getByRole("dialog", { name: "Impact" });
  await expect(sheet).toContainText("Majority kept, no spare left");
  await fits("sheet");
  const force = sheet.getByRole("switch", { name: /Force stop/ });
  expect(await swipeTo(force)).toBeGreaterThan(0);
  await force.tap();
  await expect(force).toHaveAttribute("aria-checked", "true");
  await expect(sheet).toContainText("Processes are killed now.");
  await fits("sheet with Force");
  await sheet.getByRole("button", { name: "Review force stop of 1 server" }).tap();

  await expect(opener(page)).toBeVisible();
  await expect(opener(page)).not.toBeInViewport(); // the plan comes first
  await fits("plan");
  // The list of targets scrolls by itself when it is long, and does not keep the page from being scrolled over it.
  const targets = page.locator("[role=region][tabindex='0'][aria-labelledby=plan-targets]");
  await targets.evaluate((list) => list.scrollIntoView({ block: "center" }));
  const box = await targets.boundingBox();
  const before = await page.evaluate(() => scrollY);
  await swipeUp(page, 150, (box?.y ?? 0) + (box?.height ?? 0) / 2);
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(before + 100);
  await page.evaluate(() => scrollTo(0, 0));
  expect(await swipeTo(opener(page))).toBeGreaterThan(2);
  await opener(page).tap();

  await settled(page);
  await expect(dialog(page)).toHaveAccessibleName("Force stop 1 server in demo-medium?");
  await fits("dialog");
  await expect(keep(page)).toBeInViewport({ ratio: 1 });
  await expect(go(page)).not.toBeInViewport();
  const summary = dialog(page).locator("dl");
  const edge = (await keep(page).boundingBox())?.y ?? 0; // the safe button sticks, and covers what is below
  expect(await isScrolledIn(summary, edge)).toBe(false);
  while (!(await isScrolledIn(summary, edge))) {
    await swipeUp(page, 60);
    await expect(keep(page)).toBeInViewport({ ratio: 1 });
    expect(await isScrolledIn(go(page), edge)).toBe(false);
  }
  // Where the two meet, the safe one is the one that is seen and pressed.
  const toEdge = () =>
    go(page).evaluate((button, place) => {
      button.closest("dialog")?.scrollBy(0, button.getBoundingClientRect().top - place);
      return button.getBoundingClientRect().top;
    }, edge);
  await expect.poll(toEdge).toBeCloseTo(edge, 0); // the last swipe may still be running out
  expect(await isOnTop(keep(page))).toBe(true);
  const reason = dialog(page).getByLabel("Reason");
  await reason.tap();
  await page.keyboard.type("INC-4471");
  const name = dialog(page).getByLabel(/Type the cluster name/);
  await name.tap();
  await page.keyboard.type("demo-medium");
  await expect(dialog(page).getByText(/Type the cluster name .* to continue/)).toBeInViewport(); // ux M-4
  await swipeTo(go(page));
  await expect(keep(page)).toBeInViewport({ ratio: 1 });
  await fits("end of the dialog");
  expect(stopsSent(console)).toHaveLength(0);
  await go(page).tap();

  await page.waitForURL(/\/runs\/\d+$/);
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toContainText("Stopping 1 server");
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.getByText("0 of 1 done")).toBeVisible();
  await fits("run");
  expect(stopsSent(console).map(({ body }) => body)).toMatchObject([
    { scope: { type: "SERVER", target: [target] }, force: true },
  ]);
  console.simulator.setFault("*", { kind: "stage-held", stage: "wait" }, false);
  await expect(heading).toContainText("1 of 1 stopped", { timeout: 20_000 });
  await fits("end");
  await page.getByRole("link", { name: "Back to topology" }).tap();
  await expect(page.getByText("1 server in zone1 is down by a stop")).toBeVisible();
  await fits("picker afterwards");
});
