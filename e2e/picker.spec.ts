import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { compareAddresses } from "../lib/lifecycle/impact";
import { decide } from "./support/decide";
import { signInBrowser } from "./support/sign-in";
import { test, type Standdown } from "./support/standdown";
import { keep, opener, settled, sidewaysScroll, stopsSent } from "./support/stop";

const tick = (page: Page, name: string) => page.getByRole("checkbox", { name, exact: true }).first();
const impact = (page: Page) => page.getByRole("complementary", { name: "Impact" });
const review = (page: Page) => impact(page).getByRole("button", { name: /^Review/ });
const force = (page: Page) => impact(page).getByRole("switch", { name: /Force stop/ });
const serverRows = (page: Page) => page.locator("[role=row][aria-level='2']");

/** Address of the server at this place of its zone on the screen, counted from 1. */
function server({ simulator }: Standdown, zone: string, place: number): string {
  const addresses = simulator.agents.filter((agent) => agent.zone === zone).map((agent) => agent.address);
  return addresses.sort(compareAddresses)[place - 1] ?? "none";
}

async function open(page: Page, console: Standdown, path = "") {
  await page.goto(`${console.url}${console.clusterPath}${path}`);
  await expect(page.getByRole("treegrid")).toBeVisible();
}

test("Force is off after a reload, after going away and back, in a copied link, after a dialog was closed and after a run (check 3)", async ({
  page,
  context,
  standdown,
}) => {
  test.setTimeout(60_000);
  const console = await standdown({ scenario: "medium" });
  await open(page, console);
  await tick(page, server(console, "zone1", 1)).click();
  const turnOn = async () => {
    await force(page).click();
    await expect(force(page)).toHaveAttribute("aria-checked", "true");
    await expect(force(page)).toContainText("On");
    await expect(review(page)).toHaveText("Review force stop of 1 server");
  };
  await turnOn();
  await page.reload();
  await expect(tick(page, server(console, "zone1", 1))).toBeChecked(); // the selection stays, Force does not
  await expect(force(page)).toHaveAttribute("aria-checked", "false");
  await turnOn();
  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await page.waitForURL(/\/runs$/);
  await page.goBack();
  await expect(force(page)).toHaveAttribute("aria-checked", "false");
  await turnOn();
  const copied = page.url();
  expect(copied).not.toMatch(/force|method/i);
  const other = await context.newPage();
  await other.goto(copied);
  await expect(force(other)).toHaveAttribute("aria-checked", "false");
  await other.close();

  await review(page).click();
  await opener(page).click();
  await settled(page);
  await keep(page).click();
  await page.getByRole("link", { name: "Change the selection" }).click();
  await expect(tick(page, server(console, "zone1", 1))).toBeChecked();
  await expect(force(page)).toHaveAttribute("aria-checked", "false");
  await turnOn();
  await review(page).click();
  await decide(page, "Force stop 1 server…", "demo-medium");
  await page.waitForURL(/\/runs\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("1 of 1 stopped", { timeout: 30_000 });
  await page.getByRole("link", { name: "Topology", exact: true }).click();
  await tick(page, server(console, "zone1", 2)).click();
  await expect(force(page)).toHaveAttribute("aria-checked", "false");
  expect(stopsSent(console)).toHaveLength(1);
});

test("the majority is judged at once, with its source, for every change (check 6)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "medium" });
  await open(page, console);
  const panel = impact(page);
  await expect(panel).toContainText("Majority kept");
  await expect(panel).not.toContainText("no spare");
  await expect(panel).toContainText("estimated by the console");

  const clickToVerdict = async (name: string, wanted: string) => {
    const box = await tick(page, name).elementHandle();
    return page.evaluate(
      async ([element, text]) => {
        const startedAt = performance.now();
        if (element instanceof HTMLElement) element.click();
        while (!document.querySelector("aside")?.textContent?.includes(text)) {
          if (performance.now() - startedAt > 2_000) return Infinity;
          await new Promise((next) => requestAnimationFrame(next));
        }
        return performance.now() - startedAt;
      },
      [box, wanted] as const,
    );
  };
  expect(await clickToVerdict(server(console, "zone1", 1), "no spare left")).toBeLessThan(100);
  expect(await clickToVerdict(server(console, "zone2", 1), "Majority lost for sys, pay")).toBeLessThan(100);
  await expect(panel).toContainText("estimated by the console");
  await expect(panel.getByRole("listitem").filter({ hasText: "zone2" })).toContainText("1 of 3");
});

test("without a database the majority is not known, only Force is left, and it is not turned on by itself (check 6)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "db-down" });
  await open(page, console);
  await tick(page, server(console, "zone1", 1)).click();
  const panel = impact(page);
  await expect(panel).toContainText("Majority not known: the database is out of reach");
  await expect(panel.getByRole("radio", { name: /Stop serving/ })).toHaveAttribute("aria-disabled", "true");
  await expect(panel.getByRole("radio", { name: /Flush/ })).toHaveAttribute("aria-disabled", "true");
  await expect(panel).toContainText("Only Force will be accepted now.");
  await expect(force(page)).toHaveAttribute("aria-checked", "false");
  await expect(review(page)).toHaveAttribute("aria-disabled", "true");
  await force(page).click();
  await expect(panel).toContainText("The cluster will not refuse this.");
  await expect(review(page)).not.toHaveAttribute("aria-disabled", "true");
});

test("the rule of one zone is said before anything is requested (check 7)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "medium" });
  const writes: string[] = [];
  page.on("request", (request) => {
    if (request.method() !== "GET") writes.push(`${request.method()} ${request.url()}`);
  });
  await open(page, console);
  await tick(page, "zone1").click();
  await tick(page, "zone2").click();
  await expect(impact(page)).toContainText("Only one zone at a time. The selection spans zone1 and zone2.");
  await expect(review(page)).toHaveAttribute("aria-disabled", "true");
  await expect(review(page)).toHaveAccessibleDescription(/Only one zone at a time/);
  await review(page).click({ force: true });
  await expect(page).toHaveURL(new RegExp(`${console.clusterPath}$`));
  expect(writes).toEqual([]);
  expect(console.simulator.requests.filter((request) => request.path.includes("stop"))).toEqual([]);

  await tick(page, "zone2").click();
  await expect(impact(page)).toContainText("ZONE zone1. It is started again as a zone.");
  await expect(review(page)).toHaveText("Review stop of 3 servers");
  await expect(review(page)).not.toHaveAttribute("aria-disabled", "true");
});

test("the count is the same everywhere, and a reload keeps the selection (check 2)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "large" });
  await open(page, console, "?zone=zone1");
  for (let place = 0; place < 9; place += 1) await serverRows(page).nth(place).getByRole("checkbox").click();
  await expect(review(page)).toHaveText("Review stop of 9 servers");
  await expect(page.getByText("9 of 300 selected")).toBeVisible();
  await expect(impact(page).getByRole("listitem").filter({ hasText: "zone1" })).toContainText("9 of 100");
  await page.reload();
  await expect(review(page)).toHaveText("Review stop of 9 servers");
  await expect(page.locator("main")).not.toContainText(/are you sure|\bOK\b|\bYes\b/i);
});

test("a filter hides without deselecting, and all of the cluster is a second step (ux K-8, K-9, K-10)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium" });
  await open(page, console);
  await tick(page, server(console, "zone1", 1)).click();
  const search = page.getByRole("searchbox");
  await page.keyboard.press("/");
  await expect(search).toBeFocused();
  await search.fill(`${server(console, "zone2", 1)}, ${server(console, "zone2", 2)}, 10.9.9.9:2886`);
  await expect(page.getByText("Pasted 3: 2 matched, 1 unknown: 10.9.9.9:2886")).toBeVisible();
  await expect(page.getByText("1 selected, 1 hidden by the filter")).toBeVisible();
  await page.getByRole("button", { name: "Select 2 shown" }).click();
  await expect(page.getByText("2 shown servers selected.")).toBeVisible();
  await expect(review(page)).toHaveText("Review stop of 3 servers");
  await page.getByRole("button", { name: "Select all 9" }).click();
  await expect(review(page)).toHaveText("Review stop of 9 servers");
  await expect(impact(page)).toContainText("The whole cluster (GLOBAL).");

  await search.fill("10.9");
  await expect(page.getByText("No server matches ‘10.9’.")).toBeVisible();
  await page.getByRole("button", { name: "Clear filter" }).click();
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await page.getByRole("row", { name: /zone1/ }).focus();
  await page.keyboard.press("ControlOrMeta+a");
  await expect(page.getByText("0 of 9 selected")).toBeVisible(); // without a filter the first step only asks
  await expect(page.getByRole("button", { name: "Select all 9" })).toBeVisible();
});

test("a selected server that was stopped elsewhere is dropped with a message (ux K-4, K-6)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium" });
  await open(page, console);
  const [gone, kept] = [server(console, "zone1", 1), server(console, "zone1", 2)];
  await tick(page, gone).click();
  await tick(page, kept).click();
  console.simulator.setObserver(gone, "process-stopped");
  await expect(page.getByText(`Dropped from the selection: ${gone} (Process stopped).`)).toBeVisible({
    timeout: 15_000,
  });
  await expect(review(page)).toHaveText("Review stop of 1 server");
  await expect(tick(page, gone)).toHaveAttribute("aria-disabled", "true");
  await expect(page.getByRole("row").filter({ hasText: gone })).toContainText("nothing to stop");

  console.simulator.setObserver(kept, "service-stopped");
  await expect(impact(page)).toContainText(`${kept}: Serving → Service stopped`, { timeout: 15_000 });
  await expect(impact(page)).toContainText("1 selected server changed. Look again before reviewing.");
  await expect(review(page)).toHaveAttribute("aria-disabled", "true");
});

test("keyboard alone picks a zone and reaches Review; every step is spoken (check 24)", async ({ page, standdown }) => {
  const console = await standdown({ scenario: "medium" });
  await open(page, console);
  const grid = page.getByRole("treegrid");
  await page.getByRole("row", { name: /zone1/ }).focus();
  await expect(grid.locator("[tabindex='0']")).toHaveCount(1);
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("row", { name: /zone1/ })).toHaveAttribute("aria-expanded", "false");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(tick(page, "zone1")).toHaveAttribute("aria-checked", "mixed");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(tick(page, "zone1")).toHaveAttribute("aria-checked", "true");
  await expect(page.getByRole("status").filter({ hasText: "3 servers selected, 6 of 9 stay up" })).toBeAttached();
  await page.keyboard.press("End");
  await expect(page.getByRole("row").filter({ hasText: server(console, "zone3", 3) })).toBeFocused();
  await review(page).focus();
  await expect(review(page)).toBeFocused();
});

for (const language of ["en", "zh"] as const) {
  for (const theme of ["light", "dark"] as const) {
    test(`no serious finding of axe in rows and tiles, ${language}, ${theme} (check 24)`, async ({
      page,
      context,
      standdown,
    }) => {
      const console = await standdown({ scenario: "agent-dead" });
      await context.addCookies([
        { name: "standdown-locale", value: language, url: console.url },
        { name: "standdown-theme", value: theme, url: console.url },
      ]);
      await open(page, console);
      await tick(page, "zone1").click();
      const serious = async () => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        return violations
          .filter(({ impact: level }) => level === "serious" || level === "critical")
          .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      };
      expect(await serious()).toEqual([]);
      await page.getByRole("radio", { name: language === "en" ? "Tiles" : "方块" }).check();
      await expect(page.getByRole("listbox").getByRole("option")).toHaveCount(9);
      expect(await serious()).toEqual([]);
    });
  }
}

test("every state has a word in rows and tiles, so that colour is not needed (check 23)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium" });
  console.simulator.setObserver(server(console, "zone1", 1), "process-stopped");
  console.simulator.setObserver(server(console, "zone2", 1), "service-stopped");
  await open(page, console);
  const rowOf = (place: string) => page.getByRole("row").filter({ hasText: place });
  await expect(rowOf(server(console, "zone1", 1))).toContainText("■");
  await expect(rowOf(server(console, "zone1", 1))).toContainText("Process stopped");
  await expect(rowOf(server(console, "zone2", 1))).toContainText("Service stopped, process running");
  await page.getByRole("radio", { name: "Tiles" }).check();
  await expect(page.getByRole("option", { name: `${server(console, "zone1", 1)}, Process stopped` })).toHaveText("■");
  await page.getByRole("option", { name: server(console, "zone3", 1) }).click();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("option", { name: `${server(console, "zone2", 1)}, Service stopped` })).toBeFocused();
  await expect(review(page)).toHaveText("Review stop of 1 server");
});

test("on a phone the bar counts and judges, the sheet explains, and nothing scrolls sideways (check 22)", async ({
  browser,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium" });
  for (const width of [320, 360, 390]) {
    const context = await browser.newContext({
      viewport: { width, height: 640 },
      hasTouch: true,
      isMobile: true,
      colorScheme: "dark",
      locale: "en-GB",
    });
    await signInBrowser(context, console.url);
    const page = await context.newPage();
    await open(page, console);
    await tick(page, server(console, "zone1", 1)).tap();
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
    const bar = page.getByRole("button", { name: /1 selected.*Majority kept, no spare left/ });
    await expect(bar).toBeVisible();
    const go = page.getByRole("button", { name: "Review stop of 1 server" });
    for (const target of [bar, go, page.getByRole("row").filter({ hasText: server(console, "zone1", 2) })]) {
      expect((await target.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
    await bar.tap();
    const sheet = page.getByRole("dialog", { name: "Impact" });
    await expect(sheet).toContainText("estimated by the console");
    await expect(sheet.getByRole("switch", { name: /Force stop/ })).toHaveAttribute("aria-checked", "false");
    await page.keyboard.press("Escape");
    await expect(sheet).toBeHidden();
    await context.close();
  }
});

test("data older than 15 s blocks Review, with Refresh beside the reason, and the list lies under a hatch (ux L-5, L-6)", async ({
  page,
  standdown,
}) => {
  test.setTimeout(60_000);
  const console = await standdown({ scenario: "medium" });
  await open(page, console);
  await tick(page, server(console, "zone1", 1)).click();
  await page.route("**/api/clusters/**", (route) => route.abort());
  await expect(page.locator("[data-stale]")).toBeVisible({ timeout: 20_000 });
  await expect(review(page)).toHaveAttribute("aria-disabled", "true", { timeout: 15_000 });
  await expect(impact(page)).toContainText(/offline|old. Refresh before reviewing/);
  await page.unroute("**/api/clusters/**");
  await impact(page).getByRole("button", { name: "Refresh" }).click();
  await expect(review(page)).not.toHaveAttribute("aria-disabled", "true");
  await expect(tick(page, server(console, "zone1", 1))).toBeChecked();
});
