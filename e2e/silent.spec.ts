import { expect, type Page } from "@playwright/test";
import { situation } from "./support/situation";
import { startStop } from "./support/start-stop";
import { test } from "./support/standdown";
import { go, opener, review, servers, settled, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 120_000 });

const badge = (page: Page) => page.locator("[data-freshness]");
const elapsed = (page: Page) => page.getByText(/\d+s elapsed/);
const running = (page: Page) => page.getByRole("gridcell", { name: /Stop servers, (Running|Longer)/ }).first();

test("a coordinator that falls silent leaves the run unknown, not failed, and nothing offers to send it again (check 17)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "coordinator-lost", environment: "TEST", timeScale: 2 });
  const { simulator } = console;
  const [target = ""] = servers(console, "zone2", 1);
  await review(page, console, [target]);
  await opener(page).click();
  await settled(page);
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+/);
  const [sent] = stopsSent(console);
  const coordinator = sent?.agent ?? "";

  const told = situation(page);
  await expect(told).toContainText(`The coordinator ${coordinator} does not answer.`, { timeout: 60_000 });
  await expect(told).toContainText("Nothing here says that the run failed.");
  await expect(told).toContainText("The run may still be going. Do not send it again yet.");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("may still be running");
  await expect(page).toHaveTitle(/^\? Unknown/);
  await expect(page.getByText("Failed", { exact: true })).toHaveCount(0);
  // What was known stays; the first way on is to read elsewhere, and none is to send the run again.
  await expect(page.getByRole("progressbar")).toBeVisible();
  const elsewhere = told.getByRole("button", { name: "Read from another agent" });
  await expect(told.getByRole("button").or(told.getByRole("link")).first()).toHaveText("Read from another agent");
  const toSendAgain = { name: /send|again|stop \d|retry flush/i };
  await expect(page.getByRole("button", toSendAgain).or(page.getByRole("link", toSendAgain))).toHaveCount(0);
  await elsewhere.click();
  expect(stopsSent(console)).toHaveLength(1);

  simulator.setFault(coordinator, { kind: "silent" }, false);
  await expect(page.getByRole("heading", { level: 1 })).not.toContainText("does not answer", { timeout: 60_000 });
});

test("without a network the run page says since when, stands still, and catches up by itself (check 18)", async ({
  page,
  context,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", timeScale: 5 });
  const { simulator } = console;
  const [target = ""] = servers(console, "zone2", 1);
  simulator.setFault(target, { kind: "kill-slow" });
  const at = simulator.agents.findIndex(({ address }) => address === target);
  await page.goto(`${await startStop(console, at, at + 1, { force: true })}?view=matrix`);
  await expect(running(page)).toBeVisible({ timeout: 30_000 });
  const loadedAt = await page.evaluate(() => performance.timeOrigin); // a reload would begin anew

  const sinceMs = Date.now();
  await context.setOffline(true);
  await expect(badge(page)).toHaveAttribute("data-freshness", "offline", { timeout: 10_000 });
  expect(Date.now() - sinceMs).toBeLessThanOrEqual(10_000);
  await expect(badge(page)).toContainText(/Offline since \d\d:\d\d:\d\d\. .*continues in the cluster/);
  await expect(page.locator("[data-stale]")).toBeVisible();
  await expect(page.locator("[data-stale]")).toHaveCSS("opacity", /0\.\d+/);
  // Durations stop, within the seconds that the facts are fresh for.
  await expect
    .poll(
      async () => {
        const before = await elapsed(page).innerText();
        await page.waitForTimeout(2_500);
        return (await elapsed(page).innerText()) === before;
      },
      { timeout: 30_000 },
    )
    .toBe(true);

  simulator.setFault(target, { kind: "kill-slow" }, false); // meanwhile the run comes to its end
  await expect.poll(() => simulator.observers().find((one) => one.address === target)?.isRunning).toBe(false);
  await context.setOffline(false);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("steps finished", {
    ignoreCase: true,
    timeout: 40_000,
  });
  await expect(page.locator("[data-stale]")).toHaveCount(0);
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
});

test("without a network nothing can be stopped, and the buttons say why (check 18)", async ({
  page,
  context,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", environment: "TEST" });
  await review(page, console, servers(console, "zone1", 1));
  await context.setOffline(true);
  await expect(opener(page)).toHaveAttribute("aria-disabled", "true", { timeout: 30_000 });
  const why = await opener(page).evaluate((button) =>
    (button.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent ?? "")
      .join(" "),
  );
  expect(why).toMatch(/offline|old|does not answer/i);
  await context.setOffline(false);
  await expect(opener(page)).not.toHaveAttribute("aria-disabled", "true", { timeout: 30_000 });
});
