import { expect, type Page } from "@playwright/test";
import { z } from "zod";
import { topologySchema } from "../lib/clusters/schema";
import { situation } from "./support/situation";
import { test, type Standdown } from "./support/standdown";
import { go, opener, pick, review, settled, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 240_000 });

/** A host that fell over is named on every page within this time after the page is there. */
const NAMED_MS = 5_000;
const WORD = { silent: "silent since", hangs: "hangs since" } as const;

const banner = (page: Page) => page.locator("[data-unheard]");
/** It is an agent that does not answer, and never the console. */
async function saysNothingOfTheConsole(page: Page): Promise<void> {
  await expect(page.getByText(/console is offline|server side does not answer|Offline since/i)).toHaveCount(0);
}

async function readCluster(page: Page, console: Standdown) {
  const answer = await page.request.get(`${console.url}/api${console.clusterPath}/topology`);
  return z.object({ topology: topologySchema }).parse(await answer.json()).topology;
}

async function namesHost(page: Page, address: string, word: keyof typeof WORD): Promise<void> {
  await expect(banner(page)).toContainText(WORD[word], { timeout: NAMED_MS });
  await expect(page.getByText(address).first()).toBeVisible();
  await saysNothingOfTheConsole(page);
}

/** Confirms what is reviewed, and comes to the page of the run. */
async function send(page: Page, cluster: string): Promise<void> {
  await opener(page).click();
  await settled(page);
  const reason = page.getByRole("alertdialog").getByLabel(/Reason/);
  if ((await reason.count()) > 0) await reason.fill("INC-4471 host does not answer");
  const name = page.getByRole("alertdialog").getByLabel(/Type the cluster name/);
  if ((await name.count()) > 0) await name.fill(cluster);
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+/);
}

const PAGES = ["", "/start", "/runs", "/audit"];

for (const [scenario, word] of [
  ["silent-host", "silent"],
  ["frozen-observer", "hangs"],
] as const)
  test(`beside a ${scenario} every page names the host within 5 s, and a force stop is told as what it became`, async ({
    page,
    standdown,
  }) => {
    const console = await standdown({ scenario, environment: "TEST", timeScale: 20 });
    const { simulator } = console;
    await page.goto(`${console.url}${console.clusterPath}`);
    await expect(banner(page)).toContainText(WORD[word], { timeout: NAMED_MS });
    const unheard = (await readCluster(page, console)).zones
      .flatMap((zone) => zone.servers)
      .filter(({ agent }) => agent?.condition === word);
    expect(unheard).toHaveLength(1);
    const struck = unheard[0]?.address ?? "";

    for (const path of PAGES) {
      await page.goto(`${console.url}${console.clusterPath}${path}`);
      await namesHost(page, struck, word);
    }
    await page.goto(`${console.url}/clusters`);
    await expect(page.getByText(struck).first()).toBeVisible({ timeout: NAMED_MS });
    await saysNothingOfTheConsole(page);

    // The first answer of the whole cluster comes late, and makes a verdict better: what is reviewed after it stays.
    await expect.poll(async () => (await readCluster(page, console)).tenants, { timeout: 60_000 }).not.toBeNull();

    // Its own server: the engine takes the stop, and what comes of it is told as it is.
    await review(page, console, [struck], "force");
    await namesHost(page, struck, word);
    await send(page, `demo-${scenario}`);
    await namesHost(page, struck, word);
    expect(stopsSent(console)).toHaveLength(1);
    if (word === "hangs") {
      // Somebody ends the frozen process on its host; until then the engine waits for it.
      await expect(page.getByText(/kill -9|pgrep/).first()).toBeVisible({ timeout: 30_000 });
      simulator.setFault(struck, { kind: "observer-frozen" }, false);
      await expect(page.getByRole("heading", { level: 1 })).toContainText(/1 (of 1 )?stopped|Stopped/i, {
        timeout: 90_000,
      });
      expect(simulator.observers().find(({ address }) => address === struck)?.isRunning).toBe(false);
      return;
    }
    await expect(page).toHaveTitle(/failed/i, { timeout: 120_000 });
    await expect(situation(page)).toContainText(struck);
    await saysNothingOfTheConsole(page);

    // Another server beside it: the engine needs every agent, so it fails too, and its server is told as serving.
    const other = simulator.agents.find(({ zone, address }) => zone === "zone2" && address !== struck)?.address ?? "";
    await review(page, console, [other], "force");
    await send(page, `demo-${scenario}`);
    expect(stopsSent(console)).toHaveLength(2);
    await expect(page).toHaveTitle(/failed/i, { timeout: 120_000 });
    expect(simulator.observers().find(({ address }) => address === other)?.isRunning).toBe(true);
    await expect(situation(page)).not.toContainText("Process stopped");
  });

test("beside 3 silent hosts of 300 every page names them within 5 s, and a force stop is sent", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "large", environment: "TEST", timeScale: 20 });
  const { simulator } = console;
  const struck = [57, 157, 257].map((at) => simulator.agents[at]?.address ?? "");
  await page.goto(`${console.url}${console.clusterPath}`);
  await expect(page.getByRole("checkbox").first()).toBeVisible({ timeout: 30_000 });
  for (const address of struck) simulator.setFault(address, { kind: "host-silent" });
  await expect(banner(page)).toHaveAttribute("data-unheard", "3", { timeout: 15_000 });
  for (const path of PAGES) {
    await page.goto(`${console.url}${console.clusterPath}${path}`);
    await expect(banner(page)).toHaveAttribute("data-unheard", "3", { timeout: NAMED_MS });
    await expect(banner(page)).toContainText(WORD.silent);
    await saysNothingOfTheConsole(page);
  }
  const [target = ""] = struck;
  const topology = await readCluster(page, console);
  expect(topology.ageMs).toBeLessThan(15_000);
  await page.goto(`${console.url}${console.clusterPath}?q=${encodeURIComponent(target)}`);
  await pick(page, target);
  await page.getByRole("switch", { name: /Force stop/ }).click();
  await page.getByRole("button", { name: /^Review/ }).click();
  await expect(opener(page)).toBeVisible({ timeout: 20_000 });
  await send(page, "demo-large");
  expect(stopsSent(console)).toHaveLength(1);
  await expect(page).toHaveTitle(/failed/i, { timeout: 150_000 });
  await expect(situation(page)).toContainText(target);
});
