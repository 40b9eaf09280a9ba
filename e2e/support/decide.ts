import { expect, type Page } from "@playwright/test";
import { dialog, settled } from "./stop";

export const REASON = "INC-4471 disk failure";

/** Presses a plan's own button, gives the dialog whatever it asks for, and presses the button that repeats the verb. */
export async function decide(page: Page, verb: RegExp | string, clusterName: string): Promise<void> {
  const opener = page.getByRole("main").getByRole("button", { name: verb });
  await expect(opener).not.toHaveAttribute("aria-disabled", "true", { timeout: 30_000 });
  await opener.click();
  await settled(page);
  const reason = dialog(page).getByLabel("Reason");
  if (await reason.isVisible()) await reason.fill(REASON);
  const name = dialog(page).getByLabel(/Type the cluster name/);
  if (await name.isVisible()) await name.fill(clusterName);
  const go = dialog(page).getByRole("button", { name: typeof verb === "string" ? verb.replace("…", "") : verb });
  await expect(go).not.toHaveAttribute("aria-disabled", "true", { timeout: 15_000 });
  await go.click();
}
