import { expect, type Locator, type Page } from "@playwright/test";

export const drawer = (page: Page) => page.getByRole("complementary", { name: "Task and its log" });

/** Opens a task from its cell; a page that has only just come may not listen yet. */
export async function openTask(page: Page, cell: Locator): Promise<void> {
  await expect(async () => {
    await cell.click({ timeout: 2_000 });
    await expect(drawer(page)).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 45_000 });
}
