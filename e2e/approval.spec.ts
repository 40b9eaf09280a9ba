import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { addPerson, onStore } from "./support/people";
import { ADMINISTRATOR, signInBrowser } from "./support/sign-in";
import { test, type Standdown } from "./support/standdown";

test.describe.configure({ timeout: 90_000 });

const dialog = (page: Page) => page.getByRole("alertdialog");
const go = (page: Page) => dialog(page).getByRole("button", { name: /^Force stop \d+ servers?$/ });
const stopsSent = ({ simulator }: Standdown) =>
  simulator.requests.filter(({ method, path }) => method === "POST" && /\/stop$/.test(path));

/** Reviews a forced stop of one production server and opens the dialog, everything typed. */
async function decide(page: Page, console: Standdown) {
  const [target = ""] = console.simulator.agents.map((agent) => agent.address);
  await page.goto(`${console.url}${console.clusterPath}`);
  await page.getByRole("checkbox", { name: target, exact: true }).first().click();
  await page.getByRole("switch", { name: /Force stop/ }).click();
  await page.getByRole("button", { name: /^Review/ }).click();
  await page.getByRole("button", { name: /^Force stop 1 server…$/ }).click();
  await dialog(page).getByLabel("Reason").fill("INC-4471 disk failure");
  await dialog(page)
    .getByLabel(/Type the cluster name/)
    .fill("prod-core");
}

test("a critical stop is asked for, approved by a second person, and sent by the first (ux C-13)", async ({
  page,
  browser,
  standdown,
}) => {
  const console = await standdown({
    ...{ scenario: "medium", environment: "PROD", clusterName: "prod-core", twoPerson: true, timeScale: 2 },
  });
  const second = await addPerson(console, "ma.li", [{ role: "operator", level: "cluster", target: "demo" }]);
  await decide(page, console);
  await expect(go(page)).toHaveAttribute("aria-disabled", "true");
  await expect(dialog(page)).toContainText("A second person has to approve first.");
  await dialog(page).getByRole("button", { name: "Ask for approval" }).click();
  await expect(dialog(page)).toContainText(/Waiting for a second person/);

  const other = await browser.newContext();
  await signInBrowser(other, console.url, second);
  const approver = await other.newPage();
  await approver.goto(`${console.url}${console.clusterPath}`);
  await expect(approver.getByText(/admin asks a second person: force stop 1 server\./)).toBeVisible();
  await approver.getByRole("link", { name: "Open the request" }).click();
  await expect(approver.getByRole("heading", { level: 1 })).toHaveText(/Approve: Force stop 1 server in prod-core/);
  await expect(approver.getByText("INC-4471 disk failure")).toBeVisible();
  const { violations } = await new AxeBuilder({ page: approver }).analyze();
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical")).toEqual([]);
  await approver.getByRole("button", { name: "Approve this stop" }).click();
  await expect(approver.getByText("You approved. admin can send it now.")).toBeVisible();
  expect(stopsSent(console)).toHaveLength(0);

  await expect(dialog(page)).toContainText(/Approved by ma\.li/);
  await expect(go(page)).not.toHaveAttribute("aria-disabled", "true");
  await approver.goto(`${console.url}${console.clusterPath}`);
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  expect(stopsSent(console)).toHaveLength(1);
  // Whoever else is on the cluster learns of it within 5 s (ux A-5).
  await expect(approver.getByText("admin started: force stop 1 server.")).toBeVisible({ timeout: 6_000 });
  const stop = (await console.auditLines()).find((line) => line.action === "cluster.stop" && line.event === "opened");
  expect(stop?.detail).toMatchObject({ approvedBy: "ma.li" });
  await other.close();
});

test("the glass is broken on purpose, and the record highlights it", async ({ page, standdown }) => {
  const console = await standdown({
    ...{ scenario: "medium", environment: "PROD", clusterName: "prod-core", twoPerson: true },
  });
  await decide(page, console);
  await dialog(page)
    .getByRole("checkbox", { name: /Emergency: send without a second person/ })
    .check();
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  const stop = (await console.auditLines()).find((line) => line.action === "cluster.stop" && line.event === "opened");
  expect(stop?.detail).toMatchObject({ breakGlass: true });
});

test("after a quarter of an hour a critical stop asks for the password, and keeps what was typed", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", environment: "PROD", clusterName: "prod-core" });
  await onStore(console, [`update session set "provenAt" = '2020-01-01T00:00:00.000Z'`]);
  await decide(page, console);
  await expect(go(page)).not.toHaveAttribute("aria-disabled", "true");
  await page.waitForTimeout(600);
  await go(page).click();
  await expect(dialog(page)).toContainText("A critical action asks once more who you are.");
  await dialog(page).getByLabel("Password").fill(ADMINISTRATOR.password);
  await dialog(page).getByRole("button", { name: "Prove it" }).click();
  await expect(dialog(page).getByLabel("Password")).toHaveCount(0);
  await expect(dialog(page).getByLabel("Reason")).toHaveValue("INC-4471 disk failure");
  expect(stopsSent(console)).toHaveLength(0);
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  expect(stopsSent(console)).toHaveLength(1);
});

test("a stop that nobody can tell about is a task on every page, until a person closes it", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", environment: "TEST" });
  const { agents } = console.simulator;
  const [target = ""] = agents.map((agent) => agent.address);
  await page.goto(`${console.url}${console.clusterPath}`);
  await page.getByRole("checkbox", { name: target, exact: true }).first().click();
  await page.getByRole("button", { name: /^Review/ }).click();
  const opener = page.getByRole("button", { name: /^Stop 1 server…$/ });
  await expect(opener).toBeVisible();
  const coordinator = /Sent through (\S+),/.exec(await page.locator("main").innerText())?.[1] ?? "";
  await opener.click();
  await page.waitForTimeout(600);
  // The answer is lost and the agent with it: it is slow enough to be gone before it can tell anything to who asks again.
  console.simulator.setFault(coordinator, { kind: "slow", delayMs: 1_000 });
  console.simulator.setFault(coordinator, { kind: "lose-answer" });
  await dialog(page).getByRole("button", { name: "Stop 1 server" }).click();
  await expect.poll(() => stopsSent(console).length, { intervals: [10] }).toBe(1);
  console.simulator.setFault(coordinator, { kind: "agent-down" });
  await expect(dialog(page)).toContainText(`Not answering yet: ${coordinator}`, { timeout: 30_000 });
  await page.goto(`${console.url}${console.clusterPath}/audit`);
  const task = page.getByRole("alert").filter({ hasText: "it is not known whether a stop of admin was accepted" });
  await expect(task).toContainText(`Not answering: ${coordinator}`, { timeout: 15_000 });
  await task.getByRole("button", { name: "Close this entry…" }).click();
  await task.getByLabel("Reason").fill("host is gone for good");
  await task.getByRole("button", { name: "Close the entry" }).click();
  await expect(task).toHaveCount(0);
  expect((await console.auditLines()).filter((line) => line.event === "closed")).toHaveLength(2);
});
