import { expect, type Page } from "@playwright/test";
import { startStop } from "./support/start-stop";
import { test } from "./support/standdown";

// Ten traces at once would be measured along.
test.use({ trace: "off", screenshot: "off" });

const TABS = 10;
const UPSTREAM_PER_SECOND = 2;
const CONNECTIONS = 2;

const isRead = (url: string) => new URL(url).pathname.startsWith("/api/");

/** The most reads that a tab ever had open at once. */
function watchConnections(page: Page) {
  const open = new Set<unknown>();
  let most = 0;
  page.on("request", (request) => {
    if (!isRead(request.url())) return;
    open.add(request);
    most = Math.max(most, open.size);
  });
  for (const event of ["requestfinished", "requestfailed"] as const)
    page.on(event as "requestfinished", (request) => open.delete(request));
  return () => most;
}

test("ten tabs of one run cost the engine as much as one, and each tab two connections (check 19)", async ({
  context,
  standdown,
}) => {
  test.setTimeout(180_000);
  const console = await standdown({ scenario: "medium", timeScale: 1 });
  const { simulator } = console;
  for (const { address } of simulator.agents) simulator.setFault(address, { kind: "kill-slow" });
  const run = await startStop(console, 3, 6, { force: true });
  const id = /runs\/(\d+)/.exec(run)?.[1] ?? "none";
  const tabs = await Promise.all(Array.from({ length: TABS }, () => context.newPage()));
  const connections = tabs.map(watchConnections);
  for (const tab of tabs) await tab.goto(`${run}?view=matrix`);
  const [tab = await context.newPage()] = tabs;
  const step = tab.getByRole("gridcell", { name: /step 4 Stop servers, (Running|Longer)/ });
  await expect(step.first()).toBeVisible({ timeout: 60_000 });

  // Counted at the agents as well as read off the screen.
  const reads = () =>
    simulator.requests.filter(({ method, path }) => method === "GET" && /\/task\/(dag|node)\/\d+$/.test(path)).length;
  const before = reads();
  const sinceMs = Date.now();
  for (const viewer of tabs.slice(0, 3))
    await viewer
      .getByRole("gridcell", { name: /step 4 / })
      .first()
      .click();
  await tab.waitForTimeout(10_000);
  const perSecond = (reads() - before) / ((Date.now() - sinceMs) / 1_000);
  expect(perSecond, `reads of run ${id} at the agents, per second`).toBeLessThanOrEqual(UPSTREAM_PER_SECOND);
  for (const viewer of tabs) {
    const shown = await viewer.getByText(/[\d.]+ per second for all viewers/).innerText();
    expect(Number.parseFloat(shown), shown).toBeLessThanOrEqual(UPSTREAM_PER_SECOND);
    expect(Number.parseFloat(shown), shown).toBeGreaterThan(0);
  }
  for (const most of connections) expect(most()).toBeLessThanOrEqual(CONNECTIONS);
});
