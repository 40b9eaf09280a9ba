import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { test } from "./support/standdown";
import { dialog, go, keep, opener, review, servers, settled, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 90_000 });

test("a routine stop is select, Review, Stop, with nothing to type (check 1)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "medium", environment: "TEST" });
  const [target = ""] = servers(console, "zone1", 1);
  await review(page, console, [target]);
  await opener(page).click();
  await settled(page);
  await expect(dialog(page).getByRole("textbox")).toHaveCount(0);
  await expect(keep(page)).toBeFocused();
  const since = Date.now();
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  expect(Date.now() - since).toBeLessThan(5_000); // 1 s on a machine of its own
  expect(stopsSent(console).map(({ body }) => body)).toMatchObject([{ scope: { type: "SERVER", target: [target] } }]);
  await page.goBack(); // Back never submits again, and the selection is spent (ux R-3)
  await expect(page.getByRole("treegrid")).toBeVisible();
  await page.goto(`${console.url}${console.clusterPath}/stop`);
  await expect(page.getByText("No servers are selected")).toBeVisible();
  expect(stopsSent(console)).toHaveLength(1);
});

test("every place says the verb, the count and the cluster (check 2)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "large", environment: "TEST", clusterName: "prod-core" });
  await page.addInitScript(
    ([key, picked]) => sessionStorage.setItem(key ?? "", picked ?? ""),
    [
      `standdown.selection.${console.clusterId}`,
      JSON.stringify({ at: Date.now(), servers: servers(console, "zone1", 9) }),
    ],
  );
  await page.goto(`${console.url}${console.clusterPath}/stop`);
  await expect(opener(page)).toHaveText("Stop 9 servers…", { timeout: 30_000 });
  await expect(page).toHaveTitle(/Stop 9 servers in prod-core \[TEST\]/);
  await expect(page.getByText("9 of 100").first()).toBeVisible();
  await opener(page).click();
  await settled(page);
  await expect(dialog(page)).toHaveAccessibleName("Stop 9 servers in prod-core?");
  await dialog(page).getByRole("button", { name: "Show all 9" }).click();
  for (const address of servers(console, "zone1", 9)) await expect(dialog(page)).toContainText(address);
  expect(await page.locator("body").innerText()).not.toMatch(/are you sure|\byes\b|\bok\b/i);
  await expect(go(page)).toHaveText("Stop 9 servers");
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  await page.goto(`${console.url}${console.clusterPath}/audit`);
  await expect(page.getByText("Stop 9 servers in prod-core")).toBeVisible();
  expect((await console.auditLines())[0]?.detail.title).toBe("Stop 9 servers in prod-core");
});

test("Force in production asks for a reason and the exact name (check 4)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "medium", environment: "PROD", clusterName: "prod-core" });
  await review(page, console, servers(console, "zone1", 1), "force");
  await opener(page).click();
  await settled(page);
  await expect(dialog(page)).toContainText("The cluster will not refuse this.");
  const name = dialog(page).getByLabel(/Type the cluster name/);
  await dialog(page).getByLabel("Reason").fill("INC-4471 disk failure");
  await name.fill("Prod-Core");
  await expect(go(page)).toHaveAttribute("aria-disabled", "true");
  await expect(dialog(page).getByText(/This is not the cluster name/)).toBeVisible();
  await name.fill("");
  const keyboard = await page.context().newCDPSession(page);
  await keyboard.send("Input.imeSetComposition", { text: "prod-core", selectionStart: 9, selectionEnd: 9 });
  await expect(name).toHaveValue("prod-core");
  await expect(go(page)).toHaveAttribute("aria-disabled", "true"); // the input method is still composing
  await keyboard.send("Input.insertText", { text: "prod-core" });
  await expect(go(page)).not.toHaveAttribute("aria-disabled", "true");
  await name.press("Enter");
  expect(stopsSent(console)).toHaveLength(0);
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  expect(stopsSent(console).map(({ body }) => body)).toMatchObject([{ force: true }]);
  const [opened] = await console.auditLines();
  expect(opened?.detail).toMatchObject({ method: "force", tier: 3, reason: "INC-4471 disk failure" });
});

test("no burst of keys and no double click sends anything (check 5)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "medium", environment: "TEST" });
  await page.goto(`${console.url}${console.clusterPath}`);
  const [target = ""] = servers(console, "zone1", 1);
  await page.getByRole("checkbox", { name: target, exact: true }).first().click();
  await page.getByRole("button", { name: /^Review/ }).dblclick();
  await expect(opener(page)).toBeVisible();
  await expect(dialog(page)).toHaveCount(0);
  await opener(page).focus();
  for (const key of ["Enter", "Enter", "Space", "Enter", "Enter", "Space", "Enter"]) await page.keyboard.press(key);
  if (await dialog(page).isVisible()) await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
  await opener(page).dblclick();
  await expect(dialog(page)).toBeVisible();
  await page.mouse.click(4, 300); // the backdrop
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
  await expect(opener(page)).toBeFocused();
  expect(stopsSent(console)).toHaveLength(0);
});

test("an agent that does not answer is announced before, and Force is no way out (check 8)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "agent-dead", environment: "TEST" });
  const dead = console.simulator.agents.at(-1)?.address ?? "none"; // of zone3, and no target
  await review(page, console, servers(console, "zone1", 1));
  const row = page.getByRole("listitem").filter({ hasText: "Every agent answers" });
  await expect(row).toContainText(dead);
  await expect(row).toContainText("1 of 9 agents does not answer");
  await expect(row).toContainText("also with Force");
  await expect(row).toContainText("will fail at step 2");
  await expect(row).toContainText("nothing will be stopped");
  await expect(row.filter({ hasText: "What to do" })).toBeVisible();
  // Above all that is fine; before it only that this agent cannot be asked who holds it.
  const rows = page.locator("[data-check]");
  const order = await rows.evaluateAll((all) => all.map(({ dataset }) => `${dataset.check} ${dataset.level}`));
  expect(order.slice(0, 2)).toEqual(["nobody-else warn", "agents-answer warn"]);
  await expect(page.getByRole("switch")).toHaveCount(0);
  await opener(page).click();
  await settled(page);
  await expect(dialog(page)).toContainText("will fail at step 2");
  await expect(dialog(page).getByLabel(/Type the cluster name/)).toBeVisible(); // a warning is overridden: tier 3
});

test("a plan that is no longer true cannot be sent, by the page or past it (check 9)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "medium", environment: "TEST" });
  const [target = ""] = servers(console, "zone1", 1);
  const [other = ""] = servers(console, "zone2", 1);
  await review(page, console, [target]);
  await opener(page).click();
  await settled(page);
  console.simulator.setObserver(other, "process-stopped");
  await expect(dialog(page).getByText("Changed since you opened this:")).toBeVisible({ timeout: 20_000 });
  await expect(dialog(page)).toContainText(`${other}: was Serving, now Process stopped.`);
  await expect(dialog(page)).toContainText("8 servers of 9"); // as it was reviewed
  await expect(go(page)).toHaveAttribute("aria-disabled", "true");
  await dialog(page).getByRole("button", { name: "Review again" }).click();
  await expect(page.getByText("Since your previous review:")).toBeVisible();

  // The page is kept from noticing, without being told that it is cut off: then the server side refuses.
  await opener(page).click();
  await settled(page);
  await page.route(/\/plans\/[^/]+$/, (route) => new Promise(() => void route)); // answers nothing more
  console.simulator.setObserver(other, "serving");
  await dialog(page).getByLabel("Reason").fill("INC-4471");
  await dialog(page)
    .getByLabel(/Type the cluster name/)
    .fill("demo-medium");
  await expect
    .poll(async () => await (await page.request.get(`${console.url}/api${console.clusterPath}/topology`)).text())
    .not.toMatch(/"state":"(PROCESS_STOPPED|UNAVAILABLE)"/); // the process must have booted before that is a change
  await expect(go(page)).not.toHaveAttribute("aria-disabled", "true");
  await go(page).click();
  await expect(dialog(page)).toContainText("The cluster has changed since you reviewed. Nothing was sent.");
  await expect(dialog(page).getByLabel("Reason")).toHaveValue("INC-4471");
  expect(stopsSent(console)).toHaveLength(0);
});

test("a lost answer is looked for and leads to the one run (check 10)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "lost-answer", environment: "TEST" });
  await review(page, console, servers(console, "zone1", 1));
  await opener(page).click();
  await settled(page);
  await go(page).click();
  await expect(dialog(page)).toContainText("We could not tell whether the stop was accepted. Checking…", {
    timeout: 30_000,
  });
  await expect(dialog(page).getByRole("button", { name: "Send again" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/runs\/\d+$/, { timeout: 30_000 });
  await page.reload();
  expect(stopsSent(console)).toHaveLength(1);
  const events = (await console.auditLines()).map((line) => line.event);
  expect(events.slice(0, 4)).toEqual(["opened", "confirmed", "unknown", "resolved"]);
});

test("everything that must be seen fits 1280 × 720 without scrolling (ux C-1)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "maintenance-held", environment: "PROD" });
  await page.setViewportSize({ width: 1280, height: 720 });
  await review(page, console, servers(console, "zone1", 1), "force");
  await page.getByRole("checkbox", { name: /Release run .* for this stop/ }).click();
  await expect(opener(page)).not.toHaveAttribute("aria-disabled", "true", { timeout: 20_000 });
  await opener(page).click();
  await settled(page);
  expect(await dialog(page).evaluate((element) => element.scrollHeight - element.clientHeight)).toBeLessThanOrEqual(0);
  await expect(dialog(page)).toContainText(/Closes run \d+, which holds maintenance on 3 agents\./);
  const [from, to] = [await opener(page).boundingBox(), await go(page).boundingBox()];
  expect((to?.x ?? 0) - ((from?.x ?? 0) + (from?.width ?? 0))).toBeGreaterThan(300); // ux C-4
});

for (const language of ["en", "zh"] as const) {
  for (const theme of ["light", "dark"] as const) {
    test(`no serious finding of axe in plan, dialog and audit, ${language}, ${theme} (check 24)`, async ({
      page,
      context,
      standdown,
    }) => {
      const console = await standdown({ scenario: "agent-dead", environment: "PROD" });
      await context.addCookies([
        { name: "standdown-locale", value: language, url: console.url },
        { name: "standdown-theme", value: theme, url: console.url },
      ]);
      await page.addInitScript(
        ([key, picked]) => sessionStorage.setItem(key ?? "", picked ?? ""),
        [
          `standdown.selection.${console.clusterId}`,
          JSON.stringify({ at: Date.now(), servers: servers(console, "zone1", 1) }),
        ],
      );
      const serious = async () => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        return violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      };
      await page.goto(`${console.url}${console.clusterPath}/stop`);
      await page.getByRole("button", { name: language === "en" ? "Check only" : "仅检查" }).click();
      await expect(page.getByText(language === "en" ? /Nothing was sent;/ : /未发送任何请求；/)).toBeVisible();
      expect(await serious()).toEqual([]);
      await page.locator("[aria-haspopup=dialog]").click();
      await settled(page);
      expect(await serious()).toEqual([]);
      await page.goto(`${console.url}${console.clusterPath}/audit`);
      await page.locator("main summary").first().click();
      expect(await serious()).toEqual([]);
    });
  }
}
