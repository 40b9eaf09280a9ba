import { expect } from "@playwright/test";
import { ADMINISTRATOR } from "./support/sign-in";
import { PASSWORD, test } from "./support/standdown";
import { dialog, go, opener, servers, settled, stopsSent } from "./support/stop";

for (const [where, viewport] of [
  ["at a desk", { width: 1280, height: 800 }],
  ["on a phone", { width: 390, height: 844 }],
] as const) {
  test.describe(where, () => {
    test.use({ viewport, hasTouch: where === "on a phone" });

    test("a new administrator signs in, registers a cluster, tests it and stops a first server", async ({
      page,
      standdown,
    }) => {
      test.setTimeout(120_000);
      const console = await standdown({ scenario: "medium", unregistered: true, signedOut: true });
      await page.goto(console.url);
      await page.waitForURL(/\/login/);
      await page.getByLabel("Name").fill(ADMINISTRATOR.name);
      await page.getByLabel("Password").fill(ADMINISTRATOR.password);
      await page.keyboard.press("Enter");

      await expect(page.getByText("No cluster is registered yet.")).toBeVisible();
      await page.getByRole("link", { name: "Add a cluster" }).first().click();
      await page.getByLabel("Name", { exact: true }).fill("first-core");
      await page.getByLabel("Id", { exact: true }).fill("first");
      await page.getByLabel("Environment").selectOption("TEST");
      await page.getByLabel("Agent addresses").fill(console.simulator.agents[0]?.address ?? "");
      await page.getByLabel("Password of root@sys").fill(PASSWORD);
      await page.getByRole("button", { name: "Test connection" }).click();
      await expect(page.getByText("Everything works.")).toBeVisible({ timeout: 20_000 });
      await page.getByRole("button", { name: "Add first-core" }).click();

      await page.waitForURL(/\/clusters\/first(\/settings)?$/);
      await page.goto(`${console.url}/clusters/first`);
      const [target = ""] = servers(console, "zone1", 1);
      await page.getByRole("checkbox", { name: target, exact: true }).first().click();
      await page.getByRole("button", { name: "Review stop of 1 server" }).first().click();
      await opener(page).click();
      await settled(page);
      await go(page).click();
      await page.waitForURL(/\/clusters\/first\/runs\/\d+$/);
      expect(stopsSent(console).map(({ body }) => body)).toMatchObject([
        { scope: { type: "SERVER", target: [target] } },
      ]);
      await expect(dialog(page)).toHaveCount(0);
      await expect(page.getByText("1 of 1 stopped serving").first()).toBeVisible({ timeout: 60_000 });
    });
  });
}
