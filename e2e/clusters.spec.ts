import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { startSimulator } from "../lib/simulator/cluster";
import { test } from "./support/standdown";

const SECRET = "Nur-Hier#9c41";

const step = (page: Page, id: string) => page.locator(`[data-step="${id}"]`);

/** Everything that the browser holds of the console: the page, its source, what it stored, and every answer it got. */
async function browserHolds(page: Page): Promise<string> {
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  const fields = await page.evaluate(() => [...document.querySelectorAll("input")].map(({ value }) => value).join(" "));
  return [stored, fields, await page.content()].join("\n");
}

test("an administrator adds a cluster, tests it, opens it, and its password stays nowhere in clear", async ({
  page,
  standdown,
}) => {
  test.slow(); // it goes through the pages of a whole registration
  const console = await standdown({ scenario: "small" });
  const added = await startSimulator({ scenario: "small", basePort: 0, timeScale: 20, password: SECRET });
  const answers: Promise<string>[] = [];
  const said: string[] = [];
  page.on("response", (response) => answers.push(response.text().catch(() => "")));
  page.on("console", (message) => said.push(message.text()));
  try {
    await page.goto(`${console.url}/clusters`);
    await page.getByRole("link", { name: "Add a cluster" }).click();
    await page.getByLabel("Name").fill("billing");
    await expect(page.getByLabel("Id", { exact: true })).toHaveValue("billing");
    await page.getByLabel("Environment").selectOption("TEST");
    await page.getByLabel("Agent addresses").fill(`${added.agents.map(({ address }) => address).join(", ")} ob-host`);
    await expect(page.getByText("Not an address: ob-host")).toBeVisible();
    await page.getByLabel("Agent addresses").fill(added.agents.map(({ address }) => address).join("\n"));

    await page.getByLabel("Password of root@sys").fill("wrong");
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByRole("status").filter({ hasText: "1 step failed." })).toBeVisible();
    await expect(step(page, "password")).toHaveAttribute("data-state", "failed");
    await expect(step(page, "password")).toContainText("rejected the password");
    await expect(step(page, "database")).toHaveAttribute("data-state", "skipped");
    await expect(page.getByLabel("Name")).toHaveValue("billing");

    await page.getByLabel("Password of root@sys").fill(SECRET);
    await page.getByRole("button", { name: "Test again" }).click();
    await expect(page.getByText("Everything works.")).toBeVisible();
    await expect(step(page, "database")).toContainText("3 zones, 3 servers");
    expect(added.requests.filter(({ outcome }) => outcome === 401)).toHaveLength(1);

    await page.getByRole("button", { name: "Add billing" }).click();
    await page.waitForURL("**/clusters/billing");
    for (const { address } of added.agents)
      await expect(page.getByText(address, { exact: true }).first()).toBeVisible();

    await page.goto(`${console.url}/clusters`);
    await expect(page.getByRole("listitem").filter({ hasText: "billing" })).toContainText("All serving");
    await page.getByRole("link", { name: "Settings of billing" }).click();
    await expect(page.getByLabel("Password of root@sys")).toHaveValue("");
    expect(await browserHolds(page)).not.toContain(SECRET);
    expect((await Promise.all(answers)).filter((text) => text.includes(SECRET))).toEqual([]);
    expect(said.join("\n")).not.toContain(SECRET);
    expect(console.log()).not.toContain(SECRET);
    for (const name of readdirSync(console.dataDir))
      expect(readFileSync(join(console.dataDir, name)).includes(SECRET), name).toBe(false);

    const lines = (await console.auditLines()).filter(({ cluster }) => cluster?.id === "billing");
    expect(lines.map(({ action, event }) => `${action} ${event}`)).toEqual([
      ...["cluster.test opened", "cluster.test blocked", "cluster.test opened", "cluster.test checked"],
      ...["cluster.add opened", "cluster.add accepted"],
    ]);
  } finally {
    await added.close();
  }
});

test("an agent whose key changed is refused until an administrator has accepted the key that is shown", async ({
  page,
  standdown,
}) => {
  test.slow(); // the console is started twice
  const console = await standdown({ scenario: "small" });
  const { simulator } = console;
  const [first = "", ...others] = simulator.agents.map(({ address }) => address);
  for (const address of others) simulator.setFault(address, { kind: "agent-down" });
  await page.goto(console.url + console.clusterPath);
  await expect(page.getByText(first, { exact: true }).first()).toBeVisible();
  simulator.setFault(first, { kind: "key-change" });
  await console.restart();
  const before = console.simulator.requests.length;
  await page.goto(`${console.url}/clusters`);
  await expect(page.getByText("Agent key changed")).toBeVisible();
  expect(console.simulator.requests).toHaveLength(before);
  await page.goto(`${console.url}${console.clusterPath}/settings`);
  await expect(page.getByText("1 agent shows another key than before.")).toBeVisible();
  await page.getByRole("button", { name: /^Accept the key.*…$/ }).click();
  await page.getByRole("button", { name: /^Accept the key[^…]*$/ }).click();
  await expect(page.getByRole("button", { name: /^Accept/ })).toHaveCount(0);
  simulator.clearFaults();
  await page.goto(`${console.url}/clusters`);
  await expect(page.getByText("All serving")).toBeVisible();
});

test("a cluster is changed and removed; the address that was typed wrongly stays in its field", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "small" });
  const other = await startSimulator({ scenario: "small", basePort: 0, timeScale: 20, password: SECRET });
  try {
    const agents = console.simulator.agents.map(({ address }) => address);
    const add = page.getByRole("button", { name: /^Add second-core/i });
    await page.goto(`${console.url}/clusters/new`);
    await page.getByLabel("Name").fill("Second-Core");
    await page.getByLabel("Id", { exact: true }).fill("demo");
    await page.getByLabel("Agent addresses").fill(agents.join(" "));
    await add.click();
    await expect(page.getByText("There is a cluster with the id ‘demo’ already.")).toBeVisible();
    await expect(page.getByLabel("Agent addresses")).toHaveValue(agents.join(" "));
    // The same cluster under another name, and another cluster under the same name, are refused by whose they are.
    await page.getByLabel("Id", { exact: true }).fill("second");
    await add.click();
    await expect(page.getByText("This cluster is registered already: ‘demo-small’ (id ‘demo’)")).toBeVisible();
    await page.getByLabel("Agent addresses").fill(other.agents.map(({ address }) => address).join(" "));
    await page.getByLabel("Name").fill("Demo-Small");
    await page.getByRole("button", { name: "Add Demo-Small" }).click();
    await expect(page.getByText("The name ‘demo-small’ belongs to the registered cluster")).toBeVisible();
    await page.getByLabel("Name").fill("Second-Core");
    await add.click();
    await page.waitForURL("**/clusters/second");
    await page.goto(`${console.url}/clusters/second/settings`);
    await page.getByLabel("Name").fill("second-core");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Saved.")).toBeVisible();
    await page.getByRole("button", { name: "Remove second-core…" }).click();
    await page.getByLabel("Type the cluster name second-core to continue").fill("second-core");
    await page.getByRole("button", { name: "Remove second-core", exact: true }).click();
    await page.waitForURL("**/clusters");
    await expect(page.getByText("second-core")).toHaveCount(0);
  } finally {
    await other.close();
  }
});
