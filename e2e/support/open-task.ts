import { expect, type Locator, type Page } from "@playwright/test";

export const drawer = (page: Page) => page.getByRole("complementary", { name: "Task and its log" });

/** Opens a task from its cell. */
export async function openTask(page: Page, cell: Locator): Promise<void> {
  await cell.click();
  await expect(drawer(page)).toBeVisible();
}
