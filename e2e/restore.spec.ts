import { execFileSync } from "node:child_process";
import { cpSync, rmSync, truncateSync, writeFileSync } from "node:fs";
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

test("a console does not start on a lost store or without its key, and says what to restore", async ({ standdown }) => {
  const console = await standdown({ scenario: "small", environment: "TEST" });
  const at = (name: string) => join(console.dataDir, name);
  await console.end();
  const refused = async (harm: () => void, words: RegExp) => {
    rmSync(at("../whole"), { recursive: true, force: true });
    cpSync(console.dataDir, at("../whole"), { recursive: true });
    harm();
    const said = await console.restart().then(
      () => "it started",
      (error: unknown) => String(error),
    );
    expect(said).toMatch(words);
    expect(said).not.toContain("DATABASE_URL");
    rmSync(console.dataDir, { recursive: true });
    cpSync(at("../whole"), console.dataDir, { recursive: true });
  };
  await refused(() => rmSync(at("standdown.key")), /The key is missing[^]*→ Put that key file back/);
  await refused(() => rmSync(at("standdown.db")), /is not in its place[^]*npm run restore/);
  await refused(() => truncateSync(at("standdown.db")), /was emptied, cut off or taken away[^]*npm run restore/);
  await refused(() => writeFileSync(at("standdown.db"), "no store"), /is another store[^]*npm run restore/);
  await console.restart();
});
