import { expect, type Page } from "@playwright/test";
import type { Method } from "../../lib/lifecycle/schema";
import type { Standdown } from "./standdown";

export const opener = (page: Page) => page.getByRole("button", { name: /^(Stop|Force stop) \d+ servers?…$/ });
export const dialog = (page: Page) => page.getByRole("alertdialog");
export const go = (page: Page) => dialog(page).getByRole("button", { name: /^(Stop|Force stop) \d+ servers?$/ });
export const keep = (page: Page) => dialog(page).getByRole("button", { name: "Keep running" });
export const stopsSent = ({ simulator }: Standdown) =>
  simulator.requests.filter(({ method, path }) => method === "POST" && /\/stop$/.test(path));
export const sidewaysScroll = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** Addresses of the first servers of a zone. */
export const servers = ({ simulator }: Standdown, zone: string, count: number): string[] =>
  simulator.agents
    .filter((agent) => agent.zone === zone)
    .slice(0, count)
    .map((agent) => agent.address);

/** Ticks a server that is not ticked yet. */
export async function pick(page: Page, target: string) {
  const box = page.getByRole("checkbox", { name: target, exact: true }).first();
  if (!(await box.isChecked())) await box.click();
  await expect(box).toBeChecked();
}

/** Picks on the topology page and reviews, as an operator does. */
export async function review(page: Page, console: Standdown, targets: string[], method: Method = "stop") {
  await page.goto(`${console.url}${console.clusterPath}`);
  for (const target of targets) await pick(page, target);
  if (method === "force") await page.getByRole("switch", { name: /Force stop/ }).click();
  const button = page.getByRole("button", { name: /^Review/ });
  await expect(button).not.toHaveAttribute("aria-disabled", "true");
  await button.click();
  await expect(opener(page)).toBeVisible();
}

/** The destructive button takes no press in its first half second. */
export async function settled(page: Page) {
  await expect(dialog(page)).toBeVisible();
  await page.waitForTimeout(550);
}
