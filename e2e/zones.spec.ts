import { expect, type Page } from "@playwright/test";
import { decide } from "./support/decide";
import { DESK_AND_PHONE } from "./support/screens";
import { test } from "./support/standdown";
import { servers, sidewaysScroll, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 180_000 });

const CLUSTER = "demo-medium";
const notReported = (page: Page) => page.getByRole("treegrid").getByText("Running, service not reported").first();

for (const [name, isPhone, viewport] of DESK_AND_PHONE)
  test.describe(name, () => {
    test.use({ viewport, hasTouch: isPhone, isMobile: isPhone });

    test("where agents do not report it, a zone that was stopped from here is remembered until it is started from here", async ({
      page,
      standdown,
    }) => {
      const console = await standdown({ scenario: "medium", environment: "TEST", version: "4.2.3.0" });
      const isStopped = () => console.simulator.observers().some((one) => one.isZoneStopped);
      const zone = servers(console, "zone2", 3);
      const topology = `${console.url}${console.clusterPath}`;
      await page.goto(topology);
      await expect(notReported(page)).toBeVisible();
      await expect(page.getByText("Zone status not reported").first()).toBeVisible();
      await expect(page.getByText("Serving", { exact: true })).toHaveCount(0);
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);

      // Stopped as a zone.
      await page.getByRole("checkbox", { name: "zone2", exact: true }).first().click();
      await page.getByRole("button", { name: /^Review stop/ }).click();
      const unknown = "Whether another zone is stopped is not known: agents of this version do not report it.";
      await expect(page.getByText(unknown)).toBeVisible({ timeout: 30_000 });
      await decide(page, "Stop 3 servers…", CLUSTER);
      await page.waitForURL(/\/runs\/\d+$/);
      expect(stopsSent(console)[0]?.body).toMatchObject({ scope: { type: "ZONE", target: ["zone2"] } });
      await expect(page.getByRole("heading", { level: 1 })).toContainText(
        "Whether the zone is stopped is not reported",
        {
          timeout: 60_000,
        },
      );
      expect(isStopped()).toBe(true);

      // Shown as what is known, and remembered.
      await page.goto(topology);
      const reminder = page.getByText(/zone2 was stopped as a zone by .* It is not reported whether it still is\./);
      await expect(reminder).toBeVisible();
      await expect(notReported(page)).toBeVisible();
      await page.goto(`${console.url}/clusters`);
      await expect(page.getByText("zone2 stopped from here, not reported since")).toBeVisible();
      await expect(page.getByText("All running, service not reported")).toBeVisible();

      // Started as a zone, which says why it is offered.
      await page.getByRole("link", { name: `Start zone2 of ${CLUSTER}` }).click();
      await page.getByRole("checkbox", { name: /zone2, the whole zone/ }).click();
      await expect(page.getByText(/stopped it as a zone on .* it was not started from here since/)).toBeVisible();
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
      await page.getByRole("button", { name: "Review start of 3 servers" }).click();
      await expect(page.getByRole("main")).toContainText(/Whether zone2 is stopped is not known: .* Our record: /);
      await decide(page, "Start 3 servers…", CLUSTER);
      await page.waitForURL(/\/runs\/\d+$/);
      await expect(page.getByRole("heading", { level: 1 })).toContainText(
        "Whether the zone is stopped is not reported",
        {
          timeout: 60_000,
        },
      );
      expect(isStopped()).toBe(false);
      expect(zone).toHaveLength(3);

      await page.goto(topology);
      await expect(notReported(page)).toBeVisible();
      await expect(reminder).toHaveCount(0);
    });
  });
