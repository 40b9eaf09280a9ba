import { expect, type Page } from "@playwright/test";
import { z } from "zod";
import { topologySchema } from "../lib/clusters/schema";
import { decide } from "./support/decide";
import { test } from "./support/standdown";
import { opener, servers, sidewaysScroll, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 180_000 });

const CLUSTER = "demo-maintenance-held";
const heading = (page: Page) => page.getByRole("heading", { level: 1 });

/** Picks one server and Force, beside the list or in the sheet of a phone. */
async function pick(page: Page, target: string, isPhone: boolean): Promise<void> {
  await page.getByRole("checkbox", { name: target, exact: true }).first().click();
  if (isPhone) await page.getByRole("button", { name: /1 selected/ }).click();
  await page.getByRole("switch", { name: /Force stop/ }).click();
  if (isPhone) await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Review/ }).click();
}

for (const [name, isPhone, viewport] of [
  ["at a desk", false, { width: 1280, height: 800 }],
  ["on a phone of 390 px", true, { width: 390, height: 844 }],
] as const)
  test.describe(name, () => {
    test.use({ viewport, hasTouch: isPhone, isMobile: isPhone });

    test("a stop is blocked, replaces what blocks it, is cancelled, released, and its server started again", async ({
      page,
      standdown,
    }) => {
      const console = await standdown({ scenario: "maintenance-held", environment: "TEST" });
      const { simulator } = console;
      const [target = ""] = servers(console, "zone1", 1);
      /** Whether an agent answers, as the console sees it: a plan made before it sees a change is out of date at once. */
      const answers = async (address: string) => {
        const answer = await page.request.get(`${console.url}/api${console.clusterPath}/topology`);
        const { topology } = z.object({ topology: topologySchema }).parse(await answer.json());
        return topology.zones.flatMap((zone) => zone.servers).find((one) => one.address === address)?.agent?.answers;
      };

      // Blocked: a leftover holds three agents, and nobody has chosen to release it.
      await page.goto(`${console.url}${console.clusterPath}`);
      await pick(page, target, isPhone);
      const tick = page.getByRole("checkbox", { name: /Release run .* for this stop/ });
      await expect(tick).not.toBeChecked({ timeout: 30_000 });
      await expect(opener(page)).toHaveAttribute("aria-disabled", "true");
      await expect(page.getByRole("main")).toContainText("This plan fails at step 2 unless it is released.");
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);

      // Replaced: the choice makes a new plan, and its request names exactly that run.
      await tick.click();
      await expect(tick).toBeChecked();
      simulator.setFault("*", { kind: "stage-held", stage: "wait" });
      await decide(page, "Force stop 1 server…", CLUSTER);
      await page.waitForURL(/\/runs\/\d+$/);
      expect(stopsSent(console)).toHaveLength(1);
      expect(stopsSent(console)[0]?.body).toMatchObject({ forcePassDag: { id: [expect.stringMatching(/^\d+$/)] } });
      const run = page.url();

      // Cancelled, while one agent cannot be reached: neither the run's coordinator nor the one that was stopped.
      const coordinator = stopsSent(console)[0]?.agent;
      const last =
        simulator.agents.findLast(({ address }) => address !== coordinator && address !== target)?.address ?? "";
      const cancel = page.getByRole("link", { name: "Cancel…" });
      await expect
        .poll(() => simulator.observers().find((one) => one.address === target)?.isRunning, { timeout: 60_000 })
        .toBe(false);
      simulator.setFault(last, { kind: "agent-down" });
      await expect.poll(() => answers(last), { timeout: 30_000 }).toBe(false);
      await expect(cancel).toBeVisible({ timeout: 30_000 });
      await cancel.click();
      await expect(heading(page)).toContainText("Cancel the remaining steps of run", { timeout: 30_000 });
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
      await decide(page, "Cancel remaining steps…", CLUSTER);
      const results = page.getByRole("list", { name: "Result per agent" });
      await expect(results).toBeVisible({ timeout: 60_000 });
      await expect(page.getByRole("status").filter({ hasText: /1 is left/ })).toBeVisible({ timeout: 90_000 });
      await expect(results.getByRole("listitem").filter({ hasText: last })).toContainText(/Did not answer|Not sent/);
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);

      // Released: it is back, and the one that is left gets a plan of its own.
      simulator.setFault(last, { kind: "agent-down" }, false);
      simulator.setFault("*", { kind: "stage-held", stage: "wait" }, false);
      await expect.poll(() => answers(last), { timeout: 30_000 }).toBe(true);
      await page.getByRole("link", { name: /Try again for the 1 agent that is left…/ }).click();
      await expect(heading(page)).toContainText("Release maintenance of 1 agent", { timeout: 30_000 });
      await decide(page, "Release 1 agent…", CLUSTER);
      await expect(page.getByRole("status").filter({ hasText: "All 1 done." })).toBeVisible({ timeout: 60_000 });
      await expect.poll(() => simulator.locks()).toEqual([]);

      // Started again, from the run that had stopped it.
      await page.goto(run);
      const start = page.getByRole("link", { name: /^Start (the )?1 (remaining )?server…$/ });
      await expect(start).toBeVisible({ timeout: 60_000 });
      await start.click();
      await page.getByRole("button", { name: "Review start of 1 server" }).click({ timeout: 30_000 });
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
      await decide(page, "Start 1 server…", CLUSTER);
      await page.waitForURL((url) => /\/runs\/\d+$/.test(url.pathname) && url.href !== run);
      await expect(heading(page)).toContainText("1 of 1 serving", { ignoreCase: true, timeout: 90_000 });
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
      expect(simulator.observers().every((one) => one.isRunning)).toBe(true);
    });
  });
