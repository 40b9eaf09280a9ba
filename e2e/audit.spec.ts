import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { DatabaseSync } from "@photostructure/sqlite";
import { test, type Standdown } from "./support/standdown";

/** Checks a plan without sending it, `count` times: as many attempts. */
async function checkOnly(page: Page, console: Standdown, count: number) {
  const target = console.simulator.agents[0]?.address ?? "";
  await page.goto(`${console.url}${console.clusterPath}`);
  await page.getByRole("checkbox", { name: target, exact: true }).first().click();
  await page.getByRole("button", { name: /^Review/ }).click();
  for (let at = 0; at < count; at += 1) {
    await page.getByRole("button", { name: "Check only" }).click();
    await expect
      .poll(async () => (await console.auditLines()).filter(({ event }) => event === "checked").length)
      .toBe(at + 1);
  }
}

test("filters stand in the address, an export has the same entries, and the chain is told", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "small", environment: "TEST" });
  await checkOnly(page, console, 2);
  await page.goto(`${console.url}/audit`);
  await expect(page.getByText(/entries, unbroken, checked/)).toBeVisible();
  await page.getByLabel("Action").selectOption("Check only");
  await page.waitForURL(/\/audit\?action=plan\.check$/);
  const entries = page.getByRole("main").locator("section > ol > li");
  await expect(entries).toHaveCount(2);
  await page.reload();
  await expect(page.getByLabel("Action")).toHaveValue("plan.check");
  await expect(entries).toHaveCount(2);
  const address = await page.getByRole("link", { name: "JSON" }).getAttribute("href");
  const lines = (await (await page.request.get(console.url + address)).json()) as { action: string; event: string }[];
  expect(lines.map(({ action, event }) => `${action} ${event}`)).toEqual([
    ...["plan.check opened", "plan.check checked", "plan.check opened", "plan.check checked"],
  ]);
  await page.getByLabel("Failed only").check();
  await page.waitForURL(/failed=1/);
  await expect(page.getByText("No attempt matches these filters.")).toBeVisible();
  await page.getByRole("link", { name: "Clear" }).click();
  await page.waitForURL(/\/audit$/);
  await expect(page.getByLabel("Failed only")).not.toBeChecked();
  await expect(page.getByRole("listitem").filter({ hasText: "Export the audit" })).toBeVisible();
});

test("a row that was changed by hand is named on the page and by the command", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "small", environment: "TEST" });
  await checkOnly(page, console, 1);
  const store = new DatabaseSync(join(console.dataDir, "standdown.db"), { timeout: 5_000 });
  store.exec("drop trigger audit_no_update; update audit set person = 'nobody' where seq = 2");
  store.close();
  await page.goto(`${console.url}${console.clusterPath}/audit`);
  await expect(page.getByRole("alert").filter({ hasText: "The audit is broken at entry 2." })).toBeVisible();
  const verify = () =>
    execFileSync(process.execPath, ["lib/commands/run.mjs", "audit", "verify"], {
      env: { ...process.env, ...console.env },
      encoding: "utf8",
    });
  expect(verify).toThrow();
  try {
    verify();
  } catch (error) {
    expect((error as { stdout: string }).stdout).toContain("row 2 was changed");
  }
});
