import { expect, type Page } from "@playwright/test";
import { test } from "./support/standdown";
import { ADMINISTRATOR } from "./support/sign-in";
import { dialog, opener, review, servers, settled } from "./support/stop";
import { PHONE, tapAt } from "./support/touch";

test.describe.configure({ timeout: 60_000 });

/** Keeps the scripts on their way until they are let go. */
async function holdScripts(page: Page): Promise<() => void> {
  let letGo = () => undefined as void;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  await page.route(/\/_next\/static\/.*\.js/, async (route) => {
    await until;
    await route.continue();
  });
  return letGo;
}

test("what is typed before a slow line has brought the scripts is used by the page, and not wiped by it", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "small", signedOut: true });
  const [target = "", other = ""] = servers(console, "zone1", 1).concat(servers(console, "zone2", 1));
  let letGo = await holdScripts(page);
  await page.goto(`${console.url}/login`, { waitUntil: "commit" });
  await page.getByLabel("Name").click();
  await page.keyboard.type(ADMINISTRATOR.name);
  await page.getByLabel("Password").click();
  await page.keyboard.type(ADMINISTRATOR.password.slice(1));
  await page.keyboard.press("Home");
  letGo();
  await expect(page.getByRole("combobox", { name: "Time zone" })).toHaveCount(1); // it comes after the page
  await page.keyboard.type(ADMINISTRATOR.password.slice(0, 1)); // the caret is where it was
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("checkbox", { name: target, exact: true })).toBeVisible();

  await page.unrouteAll({ behavior: "ignoreErrors" });
  letGo = await holdScripts(page);
  await page.goto(`${console.url}${console.clusterPath}`, { waitUntil: "commit" });
  await page.getByRole("searchbox").click();
  await page.keyboard.type(target);
  letGo();
  await expect(page.getByRole("checkbox", { name: other, exact: true })).toHaveCount(0);
  await expect(page.getByRole("checkbox", { name: target, exact: true })).toBeVisible();
  await expect(page.getByRole("searchbox")).toHaveValue(target);
});

test("a double click on what a field takes the place of types into the field", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "medium", environment: "TEST" });
  await review(page, console, servers(console, "zone1", 1));
  await opener(page).click();
  await settled(page);
  await dialog(page)
    .getByRole("button", { name: /reason/i })
    .dblclick();
  const reason = dialog(page).getByLabel("Reason");
  await expect(reason).toBeFocused();
  await page.keyboard.type("INC-4471");
  await expect(reason).toHaveValue("INC-4471");
});

test.describe("on a phone", () => {
  test.use(PHONE);

  test("a second tap falls on the field that the first one fell on, and what is typed is in it", async ({
    page,
    standdown,
  }) => {
    const console = await standdown({ scenario: "medium", environment: "PROD" });
    await page.goto(`${console.url}${console.clusterPath}`);
    await expect(page.getByRole("button", { name: /^0 selected/ })).toBeVisible();
    await page
      .getByRole("row")
      .filter({ hasText: servers(console, "zone1", 1)[0] ?? "none" })
      .tap();
    await page.getByRole("button", { name: /^1 selected/ }).tap();
    const sheet = page.getByRole("dialog", { name: "Impact" });
    await sheet.getByRole("switch", { name: /Force stop/ }).tap();
    await sheet.getByRole("button", { name: "Review force stop of 1 server" }).tap();
    await opener(page).tap();
    await settled(page);
    const reason = dialog(page).getByLabel("Reason");
    await reason.evaluate((field) => field.scrollIntoView({ block: "end" }));
    await dialog(page).evaluate((element) => element.scrollBy(0, 190)); // both fields in sight, below the middle
    const box = await reason.boundingBox();
    if (!box) throw new Error("The field is not on the screen.");
    const at = { x: box.x + 40, y: box.y + box.height / 2 };
    await tapAt(page, at);
    await expect(reason).toBeFocused();
    await page.waitForTimeout(280); // as fast as a thumb taps twice
    await tapAt(page, at);
    await page.keyboard.type("INC-4471");
    await expect(reason).toHaveValue("INC-4471");
    await expect(dialog(page).getByLabel(/Type the cluster name/)).toHaveValue("");
  });
});
