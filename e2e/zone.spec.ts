import { expect, type Page } from "@playwright/test";
import { test } from "./support/standdown";
import { startStop } from "./support/start-stop";

test.describe.configure({ timeout: 60_000 });
test.use({ timezoneId: "Asia/Shanghai" });

/** Hours of the day, as whoever reads the page takes them; `HH` of every `HH:MM:SS` in it. */
const hoursIn = async (page: Page) =>
  [...(await page.locator("body").innerText()).matchAll(/\b(\d\d):\d\d:\d\d\b/g)].map(([, hour]) => Number(hour));
const hourIn = (timeZone: string) =>
  Number(new Date().toLocaleString("en-GB", { timeZone, hour: "2-digit", hourCycle: "h23" }));
const named = (page: Page, where: "header" | "footer", timeZone: string) =>
  page.locator(`${where} span[translate=no]`).filter({ hasText: new RegExp(`^${timeZone}$`) });
/** Nothing on the screen is of another zone: at most an hour is left of a run that just began. */
async function expectZone(page: Page, timeZone: string) {
  const zone = page.getByRole("combobox", { name: "Time zone" });
  await expect(zone).toHaveCount(1);
  await expect(zone).toHaveAttribute("title", new RegExp(`^All times are in ${timeZone}, now `));
  await expect(named(page, "header", timeZone)).toBeVisible();
  const hours = await hoursIn(page);
  expect(hours.length).toBeGreaterThan(0);
  const now = hourIn(timeZone);
  for (const hour of hours) expect([now, (now + 23) % 24]).toContain(hour);
}

test("a browser elsewhere than the console has one time zone on every screen, named once and changed in place", async ({
  page,
  context,
  standdown,
}) => {
  const console = await standdown({ scenario: "small", timeScale: 60 });
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  const cookie = async () => (await context.cookies()).find(({ name }) => name === "standdown-zone")?.value;

  await page.goto(await startStop(console, 0, 1));
  await expect(page.getByText(/Finished at/)).toBeVisible({ timeout: 20_000 });
  await expectZone(page, "Asia/Shanghai");
  expect(await cookie()).toBe("browser:Asia/Shanghai");

  // What the server writes is what the browser shows.
  const written = await (await page.request.get(page.url())).text();
  const finished = (await page.getByText(/Finished at/).innerText()).match(/\d\d:\d\d:\d\d/)?.[0] ?? "none";
  expect(written).toContain(finished);
  await page.reload();
  await expectZone(page, "Asia/Shanghai");

  await page.goto(`${console.url}${console.clusterPath}/audit`);
  await expectZone(page, "Asia/Shanghai");
  await page.getByLabel("Person").fill("li.wei");
  await page.getByLabel("From").fill("2026-11-23T00:00");
  await page.getByRole("combobox", { name: "Time zone" }).selectOption("America/New_York");
  await expectZone(page, "America/New_York");
  await expect(page.getByLabel("Person")).toHaveValue("li.wei");
  await expect(page.getByLabel("From")).toHaveValue("2026-11-22T11:00"); // the same instant
  await page.getByLabel("Person").press("Enter");
  await page.waitForURL(/from=2026-11-22T16%3A00Z/);
  await expect(page.getByText("No attempt matches these filters.")).toBeVisible();
  expect(await cookie()).toBe("America/New_York");

  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${console.url}${console.clusterPath}/runs`);
  await expect(named(page, "footer", "America/New_York")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Time zone" })).toHaveCount(1);

  await context.addCookies([{ name: "standdown-zone", value: "Mars/Olympus", url: console.url }]);
  await page.goto(`${console.url}${console.clusterPath}`);
  await expect(named(page, "footer", "Asia/Shanghai")).toBeVisible();
  expect(await cookie()).toBe("browser:Asia/Shanghai");
  expect(problems).toEqual([]);
});
