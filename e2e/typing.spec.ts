import { expect, type Page } from "@playwright/test";
import { test } from "./support/standdown";
import { ADMINISTRATOR } from "./support/sign-in";
import { dialog, opener, pick, review, servers, settled } from "./support/stop";
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

test("what is pressed before a slow line has brought the scripts is done once the page listens", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium" });
  const port = (address: string) => Number(address.split(":")[1]);
  const [first = "", second = "", third = ""] = servers(console, "zone1", 3).sort((a, b) => port(a) - port(b));
  const box = (name: string) => page.getByRole("checkbox", { name, exact: true });
  const letGo = await holdScripts(page);
  await page.goto(`${console.url}${console.clusterPath}`, { waitUntil: "commit" });
  await box(first).click();
  await expect(box(first).locator("xpath=ancestor::*[@data-kept]")).toHaveCount(1); // it is seen to be kept
  await box(first).click(); // nothing has answered: pressed again
  await page.getByRole("row", { name: second }).getByText("serving").first().click();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await box("zone2").click();
  await page.getByRole("switch", { name: /Force stop/ }).click();
  await page.getByRole("radio", { name: "Tiles" }).click();
  await page.getByRole("combobox", { name: "Zone", exact: true }).selectOption("zone2");
  await expect(page.locator("[data-kept]")).not.toHaveCount(0);
  letGo();
  await expect(page.getByRole("switch", { name: /Force stop/ })).toHaveAttribute("aria-checked", "true");
  await expect(page.getByRole("listbox")).toHaveCount(1); // tiles of one zone
  await expect(page.getByRole("combobox", { name: "Zone", exact: true })).toHaveValue("zone2");
  await expect(box("zone2")).toBeChecked();
  await page.getByRole("combobox", { name: "Zone", exact: true }).selectOption("");
  await page.getByRole("radio", { name: "Rows" }).click();
  for (const server of [first, second, third]) await expect(box(server)).toBeChecked();
  await expect(page.locator("[data-kept]")).toHaveCount(0);
});

test("a server that was picked before, and that a slow line shows without its tick, stays picked when it is pressed", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium" });
  const [first = "", second = ""] = servers(console, "zone1", 2);
  const box = (name: string) => page.getByRole("checkbox", { name, exact: true });
  await page.goto(`${console.url}${console.clusterPath}`);
  await pick(page, first);
  const letGo = await holdScripts(page);
  await page.reload({ waitUntil: "commit" });
  await expect(box(first)).not.toBeChecked();
  await box(first).click();
  await box(second).click();
  letGo();
  await expect(box(second)).toBeChecked();
  await expect(box(first)).toBeChecked();
});

test("a form that is sent before the page listens is sent by the page then, and nothing typed is lost", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "small" });
  await page.goto(`${console.url}/settings`);
  const letGo = await holdScripts(page);
  await page.reload({ waitUntil: "commit" });
  await page.getByLabel("Current password").fill("not-my-password");
  await page.getByLabel("New password", { exact: true }).fill("a-password-of-my-own");
  await page.getByLabel("New password again").fill("a-password-of-my-own");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.locator("form[data-kept]")).toHaveCount(1);
  expect(page.url()).toBe(`${console.url}/settings`);
  letGo();
  await expect(page.getByText("This is not your current password.")).toBeVisible();
  expect(page.url()).toBe(`${console.url}/settings`);
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
