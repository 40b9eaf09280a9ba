import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { test, type Standdown } from "./support/standdown";
import { dialog, go, opener, settled, sidewaysScroll, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 120_000 });

const tick = (page: Page, name: string) => page.getByRole("checkbox", { name, exact: true }).first();
const impact = (page: Page) => page.getByRole("complementary", { name: "Impact" });
const review = (page: Page) => impact(page).getByRole("button", { name: /^Review/ });
const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });
const inZone = ({ simulator }: Standdown, zone: string) =>
  simulator.agents.filter((agent) => agent.zone === zone).map(({ address }) => address);
const bareOf = ({ simulator }: Standdown) => {
  const agents = new Set(simulator.agents.map(({ address }) => address));
  return simulator
    .observers()
    .map(({ address }) => address)
    .filter((address) => !agents.has(address));
};
async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.filter(({ impact: level }) => level === "serious" || level === "critical").map(({ id }) => id);
}
async function open(page: Page, console: Standdown, path = "") {
  await page.goto(`${console.url}${console.clusterPath}${path}`);
  await expect(page.getByRole("treegrid")).toBeVisible();
}

test("a server without an agent is named on every screen and never stopped from here", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "agentless-server", environment: "TEST" });
  const [target = ""] = inZone(console, "zone2");
  const [first = "", second = "", ...others] = bareOf(console);
  expect(others).toEqual([]);
  await open(page, console);
  for (const bare of [first, second]) {
    await expect(tick(page, bare)).toHaveAttribute("aria-disabled", "true");
    await expect(row(page, bare)).toContainText("no agent");
    await expect(row(page, bare)).not.toContainText(/silent|hangs|refused|unreadable/);
    await row(page, bare).click();
    await expect(tick(page, bare)).toHaveAttribute("aria-checked", "false");
  }
  await expect(row(page, "zone2").first()).toContainText("2 without an agent");

  await tick(page, "zone2").click();
  await expect(tick(page, "zone2")).toHaveAttribute("aria-checked", "mixed");
  await expect(review(page)).toHaveText("Review stop of 1 server");
  for (const bare of [first, second]) await expect(impact(page)).toContainText(bare);
  await page.getByLabel("Search or paste addresses").fill("no agent");
  await expect(page.locator("[role=row][aria-level='2']")).toHaveCount(2);
  await page.getByLabel("Search or paste addresses").fill("");
  await page.getByText("Tiles", { exact: true }).click();
  await expect(page.getByRole("option", { name: new RegExp(`${first}.*no agent`) })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  expect(await serious(page)).toEqual([]);

  await review(page).click();
  await expect(page.getByText("All 7 agents answer.")).toBeVisible();
  await expect(page.getByText("will fail at step 2")).toHaveCount(0);
  await opener(page).click();
  await settled(page);
  await expect(dialog(page)).toContainText("Not reached, because they have no agent");
  for (const bare of [first, second]) await expect(dialog(page)).toContainText(bare);
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  expect(stopsSent(console).map(({ body }) => body)).toMatchObject([{ scope: { type: "SERVER", target: [target] } }]);
  await expect(page.getByText("2 more servers of these zones have no agent")).toBeVisible({ timeout: 30_000 });

  await page.goto(`${console.url}${console.clusterPath}/audit`);
  await page.getByText("Details").first().click();
  await expect(page.getByText("Not reached, no agent")).toBeVisible();
});

test("a member that is gone for good is set aside with a reason, seen everywhere, and taken back", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "ghost-member", environment: "TEST" });
  const [ghost = ""] = bareOf(console);
  const [zone1 = ""] = inZone(console, "zone1");
  await open(page, console);
  await tick(page, zone1).click();
  await expect(impact(page)).toContainText("Majority lost for");
  await impact(page)
    .getByRole("button", { name: `Gone for good? Set ${ghost} aside…` })
    .click();
  const save = impact(page).getByRole("button", { name: `Set ${ghost} aside`, exact: true });
  await expect(save).toHaveAttribute("aria-disabled", "true");
  await impact(page)
    .getByLabel(/^Reason/)
    .fill("host lost, rebuilt as its neighbour");
  await save.click();
  await expect(impact(page)).toContainText("Majority kept, no spare left", { timeout: 15_000 });
  await expect(impact(page)).toContainText("1 member set aside");
  await expect(row(page, ghost)).toContainText("host lost, rebuilt as its neighbour");
  await expect(page.getByText("1 member is set aside for every majority verdict on this cluster.")).toBeVisible();
  expect(await serious(page)).toEqual([]);

  await review(page).click();
  await opener(page).click();
  await settled(page);
  await expect(dialog(page)).toContainText("1 member set aside");
  await expect(dialog(page)).toContainText("host lost, rebuilt as its neighbour");
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await sidewaysScroll(page)).toBe(0);
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.goto(`${console.url}/clusters`);
  await expect(page.getByText("1 set aside")).toBeVisible();
  await expect(page.getByText("All serving")).toBeVisible();
  await page.goto(`${console.url}${console.clusterPath}/runs`);
  await page.getByRole("button", { name: `Let it count again: ${ghost}` }).click();
  await expect(page.getByText("is set aside for every majority verdict")).toHaveCount(0, { timeout: 15_000 });
  await page.goto(`${console.url}${console.clusterPath}/audit`);
  await expect(page.getByText(new RegExp(`Set ${ghost} of .* aside for the majority verdict`))).toBeVisible();
  await expect(page.getByText(new RegExp(`Let ${ghost} of .* count for the majority verdict again`))).toBeVisible();
});
