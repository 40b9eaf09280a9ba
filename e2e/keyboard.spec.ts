import { expect, type Locator, type Page } from "@playwright/test";
import { test } from "./support/standdown";
import { dialog, servers, settled, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 120_000 });

const REASON = "INC-4471 disk failure";
const MOST_TABS = 80;

/** Everything that live regions say, in order. */
async function listen(page: Page): Promise<() => Promise<string>> {
  const said: string[] = [];
  await page.exposeFunction("standdownSaid", (text: string) => void said.push(text));
  await page.addInitScript(() => {
    const LIVE = "[role=status],[role=alert],[aria-live=polite],[aria-live=assertive]";
    const hear = (node: Node) => {
      const element = node instanceof Element ? node : node.parentElement;
      const region = element?.closest(LIVE);
      if (region?.textContent) Reflect.apply(Reflect.get(window, "standdownSaid"), window, [region.textContent]);
    };
    new MutationObserver((changes) => changes.forEach(({ target }) => hear(target))).observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return () => Promise.resolve(said.join("\n"));
}

/** What is wrong with the place where the focus is; "" when a person can see it. */
const faultOfFocus = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return "";
    const { left, top, width, height } = focused.getBoundingClientRect();
    const name = focused.getAttribute("aria-label") ?? focused.textContent.slice(0, 60);
    const [x, y] = [left + Math.min(width, 40) / 2, top + Math.min(height, 40) / 2];
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return `out of view: ${name}`;
    const above = document.elementFromPoint(x, y);
    const label = focused.closest("label");
    if (!above || !(focused.contains(above) || above.contains(focused) || label?.contains(above)))
      return `under something else: ${name}`;
    const isRinged = [focused, focused.nextElementSibling, label].some((element) => {
      const style = element && getComputedStyle(element);
      return style && ((style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none");
    });
    return isRinged ? "" : `no ring: ${name}`;
  });

/** Goes there by Tab alone, and sees the focus at every stop on the way. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
    expect(await faultOfFocus(page)).toBe("");
  }
  throw new Error(`not reached with ${MOST_TABS} tabs`);
}

test("by keyboard alone a zone is picked, reviewed, stopped and followed to the log of what failed; each step is spoken and the focus seen (check 24)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "one-fails", environment: "PROD" });
  await page.setViewportSize({ width: 1280, height: 720 });
  const said = await listen(page);
  await page.goto(`${console.url}${console.clusterPath}`);
  await expect(page.getByRole("treegrid")).toBeVisible();

  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to servers" })).toBeFocused();
  await page.keyboard.press("Enter");
  const grid = page.getByRole("treegrid");
  await tabTo(page, grid.locator("[tabindex='0']"));
  const zone2 = page.getByRole("row", { name: /zone2/ });
  for (let rows = 0; rows < 9 && !(await zone2.evaluate((row) => row === document.activeElement)); rows += 1)
    await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect.poll(said).toMatch(/3 servers selected, 6 of 9 stay up.*majority/i);

  await tabTo(page, page.getByRole("switch", { name: /Force stop/ }));
  await page.keyboard.press("Space");
  await expect.poll(said).toMatch(/Force/);
  await tabTo(page, page.getByRole("button", { name: "Review force stop of 3 servers" }));
  await page.keyboard.press("Enter");

  const opener = page.getByRole("main").getByRole("button", { name: "Force stop 3 servers…" });
  await expect(opener).not.toHaveAttribute("aria-disabled", "true", { timeout: 30_000 });
  await tabTo(page, opener);
  await page.keyboard.press("Enter");
  await settled(page);
  await expect(dialog(page).getByRole("button", { name: "Keep running" })).toBeFocused();
  await tabTo(page, dialog(page).getByLabel("Reason"));
  await page.keyboard.type(REASON);
  await tabTo(page, dialog(page).getByLabel(/Type the cluster name/));
  await page.keyboard.type("demo-one-fails");
  const go = dialog(page).getByRole("button", { name: "Force stop 3 servers" });
  await tabTo(page, go);
  await expect(go).not.toHaveAttribute("aria-disabled", "true");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/runs\/\d+$/);
  expect(stopsSent(console)).toHaveLength(1);

  const failed = servers(console, "zone2", 3)[1] ?? "none";
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/failed/i, { timeout: 60_000 });
  await expect.poll(said).toMatch(/failed/i);
  await page.keyboard.press("n");
  const drawer = page.getByRole("complementary", { name: "Task and its log" });
  await expect(drawer).toContainText(failed);
  await expect.poll(said).toContain(failed);
  await tabTo(page, drawer.getByRole("button", { name: "Close" }));
  await page.keyboard.press("Enter");
  await expect(drawer).toHaveCount(0);
  expect(await faultOfFocus(page)).toBe("");
  await tabTo(page, page.getByRole("button", { name: "Stop the 1 remaining server…" }));
});
