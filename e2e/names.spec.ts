import { expect } from "@playwright/test";
import { test } from "./support/standdown";
import { dialog, go, opener, review, servers, settled, sidewaysScroll, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 120_000 });

const LONG = "payments-settlement-and-clearing-core-production-hangzhou-standb";

test("a name is typed as it is read: two spaces are one, signs that look alike are one, case is not", async ({
  page,
  standdown,
}) => {
  const name = "Core  ＯＢ “A” – 核心";
  const console = await standdown({ scenario: "medium", environment: "PROD", clusterName: name });
  await review(page, console, servers(console, "zone1", 1), "force");
  await opener(page).click();
  await settled(page);
  await dialog(page).getByLabel("Reason").fill("INC-4471");
  const field = dialog(page).getByLabel(/Type the cluster name/);
  for (const wrong of ['core OB "A" - 核心', 'Core OB "A" - 核', 'CoreOB "A" - 核心']) {
    await field.fill(wrong);
    await expect(go(page)).toHaveAttribute("aria-disabled", "true");
  }
  await field.fill('Core OB "A" - 核心');
  await expect(go(page)).not.toHaveAttribute("aria-disabled", "true");
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  expect(stopsSent(console)).toHaveLength(1);
  await expect(page).toHaveTitle(/Core ＯＢ “A” – 核心/); // and the page of its run stands
});

for (const width of [320, 375])
  for (const locale of ["en-GB", "zh-CN"])
    test.describe(`at ${width} px, ${locale}`, () => {
      test.use({ viewport: { width, height: 720 }, hasTouch: true, isMobile: true, locale });

      test("the longest name of many clusters is read to its end, and no page moves sideways", async ({
        page,
        standdown,
      }) => {
        const others = Array.from({ length: 12 }, (_, at) => `${LONG.slice(0, 60)}-${at}`);
        const console = await standdown({ scenario: "small", environment: "UNLABELLED", clusterName: LONG, others });
        const base = `${console.url}${console.clusterPath}`;
        for (const path of ["", "/runs", "/audit", "/start", "/settings"]) {
          await page.goto(`${base}${path}`);
          const name = page.getByRole("banner").getByText(LONG, { exact: true });
          await expect(name).toBeInViewport({ ratio: 1 });
          const cut = await name.evaluate((element) => {
            const box = element.getBoundingClientRect();
            return box.left < 0 || box.right > innerWidth || element.scrollWidth > element.clientWidth + 1;
          });
          expect(cut, path).toBe(false);
          expect(await sidewaysScroll(page), path).toBeLessThanOrEqual(0);
        }
        await page.goto(`${console.url}/clusters`);
        await expect(page.getByRole("link", { name: LONG, exact: true })).toBeVisible();
        expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
        await page.goto(base);
        await page.getByRole("banner").getByRole("combobox").first().selectOption("other3");
        await page.waitForURL(/\/clusters\/other3$/);
      });
    });
