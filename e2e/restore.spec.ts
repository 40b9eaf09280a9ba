import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { signInBrowser } from "./support/sign-in";
import { test } from "./support/standdown";

test("after a restore an administrator is told on screen, until somebody has taken note", async ({
  page,
  context,
  standdown,
}) => {
  const console = await standdown({ scenario: "small", environment: "TEST" });
  const command = (...args: string[]) =>
    execFileSync(process.execPath, ["lib/commands/run.mjs", ...args], {
      env: { ...process.env, ...console.env },
      encoding: "utf8",
    });
  const backup = join(console.dataDir, "..", "monday.db");
  command("backup", backup);
  await page.goto(`${console.url}/clusters`);
  await expect(page.getByText("was restored from the backup")).toHaveCount(0);

  await console.end();
  expect(command("restore", backup)).toContain("Everybody signs in again");
  await console.restart();

  await page.goto(`${console.url}/clusters`);
  await expect(page).toHaveURL(/\/login/); // the session of before is none any more
  await signInBrowser(context, console.url);
  for (const path of ["/clusters", console.clusterPath]) {
    await page.goto(console.url + path);
    await expect(page.getByText("was restored from the backup monday.db")).toBeVisible();
  }
  await page.getByRole("button", { name: "I have taken note" }).click();
  await expect(page.getByText("was restored from the backup")).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("heading").first()).toBeVisible();
  await expect(page.getByText("was restored from the backup")).toHaveCount(0);
  expect(command("audit", "verify")).toContain("unbroken");
});
