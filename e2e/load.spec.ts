import { expect } from "@playwright/test";
import { openTask } from "./support/open-task";
import { startStop } from "./support/start-stop";
import { test } from "./support/standdown";

test.describe.configure({ timeout: 120_000 });

const MINUTE_MS = 60_000;

const isRead = (url: string) => new URL(url).pathname.startsWith("/api/");

test("a hidden tab asks four times a minute, and at once when it is seen again (check 19)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", timeScale: 1 });
  const { simulator } = console;
  for (const { address } of simulator.agents) simulator.setFault(address, { kind: "kill-slow" });
  await page.clock.install();
  await page.addInitScript(() => {
    const state = { hidden: false };
    Object.defineProperty(document, "hidden", { get: () => state.hidden });
    Object.defineProperty(document, "visibilityState", { get: () => (state.hidden ? "hidden" : "visible") });
    const turn = (hidden: boolean) => {
      state.hidden = hidden;
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    };
    document.addEventListener("test:hide", () => turn(true));
    document.addEventListener("test:show", () => turn(false));
  });
  const hide = (hidden: boolean) =>
    page.evaluate((name) => document.dispatchEvent(new Event(name)), hidden ? "test:hide" : "test:show");
  await page.goto(`${await startStop(console, 3, 6, { force: true })}?view=matrix`);
  await expect(page.getByRole("treegrid")).toBeVisible();
  const step = page.getByRole("gridcell", { name: /step 4 Stop servers, (Running|Longer)/ }).first();
  await expect(async () => {
    await page.clock.runFor(1_000);
    await expect(step).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await openTask(page, step); // an open log, and a server's own run, are for who looks at them
  await page.getByText("The server's own run").click();
  await expect(page.getByRole("log")).toBeVisible();

  const asked: string[] = [];
  page.on("request", (request) => isRead(request.url()) && asked.push(new URL(request.url()).pathname));
  /** The tab's time passes in small steps, so that answers of the real console come in between. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await page.clock.runFor(1_000);
      await page.waitForTimeout(60);
    }
  };
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
  await pass(3_000);
  expect(asked.length).toBeGreaterThan(0);
  await hide(true);
  await pass(20_000); // what was on its way when the tab was hidden
  asked.length = 0;
  await pass(MINUTE_MS);
  expect(asked.length, asked.join("\n")).toBeLessThanOrEqual(4);
  expect(asked.length).toBeGreaterThan(1); // it still hears how the run ends
  asked.length = 0;
  await hide(false);
  await page.clock.runFor(100); // far less than it waits between two reads
  await expect.poll(() => asked.some((path) => /\/runs\/\d+$/.test(path))).toBe(true);
});
