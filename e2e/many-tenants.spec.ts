import { expect, type Page } from "@playwright/test";
import { DESK_AND_PHONE } from "./support/screens";
import { test } from "./support/standdown";
import { dialog, go, keep, opener, pick, servers, settled, sidewaysScroll } from "./support/stop";

test.describe.configure({ timeout: 120_000 });

const TENANTS = 321; // with sys
const list = (within: Page | ReturnType<typeof dialog>) => within.getByText(`Full list (${TENANTS})`).first();

for (const [name, isPhone, viewport] of DESK_AND_PHONE)
  test.describe(name, () => {
    test.use({ viewport, hasTouch: isPhone, isMobile: isPhone });

    test("with several hundred tenants picker, plan and dialog stay short, and all of them can be read", async ({
      page,
      standdown,
    }) => {
      const console = await standdown({ scenario: "medium", environment: "PROD", tenants: TENANTS - 1 });
      await page.goto(`${console.url}${console.clusterPath}`);
      for (const zone of ["zone1", "zone2"]) for (const server of servers(console, zone, 3)) await pick(page, server);
      if (isPhone) await page.getByRole("button", { name: /^6 selected/ }).tap();
      const impact = isPhone ? page.getByRole("dialog", { name: "Impact" }) : page.getByRole("complementary").first();
      await impact.getByRole("switch", { name: /Force stop/ }).click();
      await expect(impact.getByText(/Majority lost for/)).toBeVisible();
      const height = () => impact.evaluate((element) => (element.querySelector("div") ?? element).scrollHeight);
      expect(await impact.evaluate((element) => element.scrollHeight)).toBeLessThan(isPhone ? 1_500 : 1_100);
      await list(impact as never).click(); // safe: a locator, as the dialog is
      await expect(impact.getByText("tenant320").first()).toBeAttached();
      expect(await height()).toBeGreaterThan(0);
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);

      await impact.getByRole("button", { name: /^Review force stop of 6 servers/ }).click();
      await expect(opener(page)).toBeVisible({ timeout: 20_000 });
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
      await opener(page).click();
      await settled(page);
      await expect(keep(page)).toBeInViewport({ ratio: 1 });
      const dialogHeight = await dialog(page).evaluate((element) => element.scrollHeight);
      expect(dialogHeight).toBeLessThan(isPhone ? 1_900 : 900);
      if (!isPhone) await expect(go(page)).toBeInViewport({ ratio: 1 });
      await list(dialog(page)).click();
      const last = dialog(page).getByText("tenant320").first();
      await last.scrollIntoViewIfNeeded();
      await expect(last).toBeInViewport();
      await go(page).scrollIntoViewIfNeeded();
      await expect(go(page)).toBeInViewport({ ratio: 1 });
      await expect(keep(page)).toBeInViewport({ ratio: 1 });
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
    });
  });
