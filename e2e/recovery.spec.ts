import { expect } from "@playwright/test";
import { decide, REASON } from "./support/decide";
import { situation } from "./support/situation";
import { test } from "./support/standdown";
import { dialog, review, servers, settled, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 240_000 });

test("stuck servers are late, not failed, and escalating is a plan for them alone that asks for everything (check 16)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "stuck", environment: "PROD", timeScale: 5 });
  const { simulator } = console;
  const zone2 = servers(console, "zone2", 3);
  await page.goto(`${console.url}${console.clusterPath}`);
  for (const target of zone2) await page.getByRole("checkbox", { name: target, exact: true }).first().click();
  await page.getByRole("radio", { name: /Flush, then stop/ }).check();
  await page.getByRole("button", { name: /^Review/ }).click();
  await decide(page, "Stop 3 servers…", "demo-stuck");
  await page.waitForURL(/\/runs\/\d+$/);
  const first = page.url();

  await expect(page.getByText("2 of them longer than usual")).toBeVisible({ timeout: 100_000 }); // after a minute (ux D-9)
  await expect(page.getByText("Longer than usual").first()).toBeVisible();
  await expect(page.getByText("Failed", { exact: true })).toHaveCount(0);
  const escalate = situation(page).getByRole("button", { name: "Escalate to force for 2 stuck servers…" });
  await expect(escalate).toBeVisible({ timeout: 30_000 });
  await escalate.click();

  // A plan of its own: those two, by Force, and nothing is sent by coming here.
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Force stop 2 servers in demo-stuck", {
    timeout: 30_000,
  });
  for (const target of zone2.slice(1)) await expect(page.getByRole("main")).toContainText(target);
  await expect(page.getByRole("main")).toContainText(/cancel/i); // the run that goes on is cancelled first
  expect(stopsSent(console)).toHaveLength(1);
  const opener = page.getByRole("button", { name: "Force stop 2 servers…" });
  await expect(opener).not.toHaveAttribute("aria-disabled", "true", { timeout: 30_000 });
  await opener.click();
  await settled(page);
  const go = dialog(page).getByRole("button", { name: "Force stop 2 servers" });
  await expect(go).toHaveAttribute("aria-disabled", "true");
  await dialog(page).getByLabel("Reason").fill(REASON);
  await expect(go).toHaveAttribute("aria-disabled", "true");
  await dialog(page)
    .getByLabel(/Type the cluster name/)
    .fill("demo-stuck");
  await go.click();
  await page.waitForURL((url) => /\/runs\/\d+$/.test(url.pathname) && url.href !== first, { timeout: 60_000 });
  for (const target of zone2) simulator.setFault(target, { kind: "kill-slow" }, false);
  const [, second] = stopsSent(console);
  expect(second?.body).toMatchObject({ force: true, scope: { type: "SERVER", target: zone2.slice(1).toSorted() } });
  await expect(page.getByRole("heading", { level: 1 })).toContainText("2 of 2 stopped", {
    ignoreCase: true,
    timeout: 60_000,
  });
});

test("after a failure only what the engine takes is offered, and the remaining server gets a new plan without Force (check 21)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "one-fails", environment: "TEST" });
  const zone2 = servers(console, "zone2", 3);
  await review(page, console, zone2, "force");
  await decide(page, "Force stop 3 servers…", "demo-one-fails");
  await page.waitForURL(/\/runs\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/failed/i, { timeout: 60_000 });
  const remaining = situation(page).getByRole("button", { name: "Stop the 1 remaining server…" });
  await expect(remaining).toBeVisible({ timeout: 30_000 });
  const ways = await situation(page).getByRole("button").or(situation(page).getByRole("link")).allInnerTexts();
  expect(ways.filter((way) => /retry|skip|without flush/i.test(way))).toEqual([]);

  await remaining.click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Stop 1 server in demo-one-fails", {
    timeout: 30_000,
  });
  await expect(page.getByRole("main")).toContainText(zone2[1] ?? "none");
  await expect(page.getByRole("button", { name: "Stop 1 server…" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Force stop/ })).toHaveCount(0);
  expect(stopsSent(console)).toHaveLength(1);
});

test("held maintenance is announced, and releasing it names the agents and tells the result of each (check 21)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "maintenance-held", environment: "TEST" });
  const zone2 = servers(console, "zone2", 3);
  await page.goto(`${console.url}${console.clusterPath}`);
  const banner = page.getByText("A failed run holds maintenance on 3 agents.");
  await expect(banner).toBeVisible({ timeout: 20_000 });
  await page.getByRole("link", { name: "Release maintenance…" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Release maintenance of 3 agents", {
    timeout: 30_000,
  });
  for (const agent of zone2) await expect(page.getByRole("main")).toContainText(agent);
  await decide(page, "Release 3 agents…", "demo-maintenance-held");
  const results = page.getByRole("list", { name: "Result per agent" });
  await expect(results.getByRole("listitem")).toHaveCount(3, { timeout: 30_000 });
  for (const agent of zone2)
    await expect(results.getByRole("listitem").filter({ hasText: agent })).toContainText("Done", { timeout: 30_000 });
  await expect(page.getByRole("status").filter({ hasText: "All 3 done." })).toBeVisible();
  await page.getByRole("link", { name: "Look at the servers" }).click();
  await expect(page.getByRole("treegrid")).toBeVisible();
  await expect(banner).toHaveCount(0, { timeout: 20_000 });
});
