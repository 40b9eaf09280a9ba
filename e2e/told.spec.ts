import { expect } from "@playwright/test";
import { decide } from "./support/decide";
import { situation } from "./support/situation";
import { test } from "./support/standdown";
import { review, servers } from "./support/stop";

test.describe.configure({ timeout: 240_000 });

test("a cancelled server is cancelled on every part of the page and on the record, and nothing failed", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", environment: "TEST" });
  const zone2 = servers(console, "zone2", 3);
  const [, slow = ""] = zone2;
  console.simulator.setFault(slow, { kind: "kill-slow" });
  await review(page, console, zone2, "force");
  await decide(page, "Force stop 3 servers…", "demo-medium");
  await page.waitForURL(/\/runs\/\d+$/);
  const run = page.url();
  await expect(page.getByText("2 of 3 done")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("link", { name: "Cancel…" }).click();
  await decide(page, "Cancel remaining steps…", "demo-medium");
  await expect(page.getByRole("list", { name: "Result per agent" })).toBeVisible({ timeout: 60_000 });

  await page.goto(run);
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toContainText("Cancelled at step 4", { timeout: 60_000 });
  await expect(page.getByText(/2 stopped, 0 failed, 1 cancelled, 0 not reported/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("button", { name: /failed, show/ })).toHaveCount(0);
  await expect(situation(page)).not.toContainText(/failed/i);
  for (const view of ["Graph", "Tiles", "List", "Matrix"]) {
    await page
      .getByRole("radio", { name: view, exact: true })
      .or(page.getByRole("button", { name: view, exact: true }))
      .click();
    await expect(page.locator("#servers")).toContainText(/Cancelled|cancelled|⊘/);
    await expect(page.locator("#servers").getByText("Failed", { exact: true })).toHaveCount(0);
  }
  await page.goto(`${console.url}${console.clusterPath}/audit`);
  await expect(page.getByText("Cancelled before its end").first()).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("Finished with failures")).toHaveCount(0);
});

test("a server that a supervisor starts again was stopped at a time, and nothing says that it is", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", environment: "TEST" });
  const [target = ""] = servers(console, "zone2", 1);
  console.simulator.setFault(target, { kind: "revived", afterMs: 120_000 });
  await review(page, console, [target], "force");
  await decide(page, "Force stop 1 server…", "demo-medium");
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toContainText("1 of 1 stopped", { timeout: 60_000 });
  await expect(heading).toContainText(/1 of 1 was stopped at \d\d:\d\d:\d\d; 1 runs again/, { timeout: 120_000 });
  await expect(situation(page)).toContainText("Not so any more");
  await expect(page.getByRole("main")).not.toContainText("where the run wanted them");
  await expect(page).toHaveTitle(/Runs again/);
});
