import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import type { AuditLine } from "../lib/audit/schema";
import { totpCode } from "../lib/auth/testing/totp";
import { ADMINISTRATOR, signInBrowser, type Account } from "./support/sign-in";
import { test, type Standdown } from "./support/standdown";

const OWN = "chosen by myself 1";

/** The audit of what concerns people and no cluster, oldest first. */
function peopleLines(console: Standdown): AuditLine[] {
  const store = new DatabaseSync(join(console.dataDir, "standdown.db"), { readOnly: true, timeout: 5_000 });
  const rows = store.prepare("select line from audit order by seq").all() as { line: string }[];
  store.close();
  return rows.map(({ line }) => JSON.parse(line) as AuditLine).filter(({ cluster }) => cluster === null);
}

async function fillIn(page: Page, { name, password }: Account): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Password").press("Enter");
}

test("somebody new comes in with the password that was handed on, chooses their own, and has the roles they got", async ({
  browser,
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "small", environment: "TEST" });
  await page.goto(`${console.url}/settings/people`);
  await page.getByLabel("Name").fill("li.wei");
  await page.getByLabel("Role").first().selectOption("operator");
  await page.getByLabel("Where it holds").first().selectOption({ label: "in TEST" });
  await page.getByRole("button", { name: "Add person" }).click();
  const note = page.getByRole("alert").filter({ hasText: "One-time password of li.wei" });
  const password = (await note.locator("p.font-mono").innerText()).trim();
  await expect(page.getByText("Operator in TEST")).toBeVisible();

  const context = await browser.newContext({ locale: "en-GB" });
  const theirs = await context.newPage();
  await theirs.goto(`${console.url}${console.clusterPath}?view=tiles`);
  await expect(theirs).toHaveURL(/\/login\?next=/);
  await fillIn(theirs, { name: "li.wei", password });
  await theirs.getByLabel("Your password").fill(OWN);
  await theirs.getByLabel("The same again").fill(OWN);
  await theirs.getByLabel("The same again").press("Enter");
  await expect(theirs).toHaveURL(`${console.url}${console.clusterPath}?view=tiles`);
  await theirs.goto(`${console.url}/settings`);
  await expect(theirs.getByText("Operator in TEST")).toBeVisible();
  await expect(theirs.getByRole("link", { name: "People and roles" })).toHaveCount(0);

  await page.getByRole("listitem").filter({ hasText: "li.wei" }).getByRole("button", { name: "Deactivate" }).click();
  await page.getByRole("button", { name: "Deactivate li.wei" }).click();
  await expect(page.getByText("deactivated")).toBeVisible();
  await theirs.reload();
  await expect(theirs).toHaveURL(/\/login/);
  const lines = peopleLines(console);
  expect(lines.map(({ action, event, by }) => `${action} ${event} ${by}`)).toEqual(
    expect.arrayContaining([
      "person.add opened admin",
      "person.add finished admin",
      "session.sign-in accepted li.wei",
      "person.change finished admin",
    ]),
  );
  expect(JSON.stringify(lines)).not.toContain(password);
  await context.close();
});

test("the form works before any script has loaded, and leads only to pages of the console", async ({
  browser,
  standdown,
}) => {
  const console = await standdown({ scenario: "small" });
  const context = await browser.newContext({ locale: "en-GB", javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${console.url}/login?next=//evil.example/`);
  await fillIn(page, { ...ADMINISTRATOR, password: "not the password" });
  await expect(page.getByText("Name and password do not match.")).toBeVisible();
  await fillIn(page, ADMINISTRATOR);
  await expect(page).toHaveURL(new RegExp(`^${console.url}/clusters`));
  await context.close();
});

test("an authenticator is set up with a code that it shows, and asked for from then on", async ({
  browser,
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "small" });
  await page.goto(`${console.url}/settings`);
  await page.getByRole("button", { name: "Set up an authenticator" }).click();
  await page.getByLabel("Your password").fill(ADMINISTRATOR.password);
  await page.getByLabel("Your password").press("Enter");
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  const secret = (await page.locator("p.font-mono.select-all").innerText()).replaceAll(" ", "");
  await page.getByLabel("Type the code that it shows now").fill("000000");
  await page.getByLabel("Type the code that it shows now").press("Enter");
  await expect(page.getByText("The code does not match.")).toBeVisible();
  await page.getByLabel("Type the code that it shows now").fill(totpCode(secret));
  await page.getByLabel("Type the code that it shows now").press("Enter");
  await expect(page.getByText("Backup codes, shown only now")).toBeVisible();
  await expect(page.getByText("On: sign-in asks for a code.")).toBeVisible();

  const context = await browser.newContext({ locale: "en-GB" });
  const other = await context.newPage();
  await other.goto(`${console.url}/login?next=/settings`);
  await fillIn(other, ADMINISTRATOR);
  await other.getByLabel("Code of your authenticator").fill(totpCode(secret));
  await other.getByLabel("Code of your authenticator").press("Enter");
  await expect(other).toHaveURL(`${console.url}/settings`);

  await other.getByRole("button", { name: /^Sign out everywhere/ }).click();
  await expect(other).toHaveURL(/\/login/);
  await page.goto(`${console.url}/settings`);
  await expect(page).toHaveURL(/\/login\?next=%2Fsettings/);
  await context.close();
});

test("no other site signs anybody in, nobody signs up, and the library's own ways are closed", async ({
  standdown,
}) => {
  const { url } = await standdown({ scenario: "small" });
  const post = (path: string, origin: string | undefined, type = "application/json") =>
    fetch(`${url}/api/auth/${path}`, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": type, ...(origin === undefined ? {} : { origin }) },
      body: type.includes("json")
        ? JSON.stringify(ADMINISTRATOR)
        : new URLSearchParams({ ...ADMINISTRATOR }).toString(),
    });
  for (const origin of ["https://evil.example", "null", undefined])
    for (const type of ["application/json", "application/x-www-form-urlencoded"]) {
      const answer = await post("sign-in", origin, type);
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
    }
  for (const path of ["sign-up/email", "sign-in/username", "sign-in/email", "two-factor/enable", "update-user", "ok"])
    expect((await post(path, url)).status).toBe(404);
  expect((await post("sign-in", url, "text/plain")).status).toBe(400);
  const cookies = (await post("sign-in", url)).headers.getSetCookie();
  for (const cookie of cookies) expect(cookie).toMatch(/httponly.*samesite=lax/i);
});

for (const [colorScheme, locale] of [
  ["light", "en-GB"],
  ["dark", "zh-CN"],
] as const)
  test(`sign-in and settings have no serious accessibility finding, ${colorScheme} ${locale}`, async ({
    browser,
    standdown,
  }) => {
    const console = await standdown({ scenario: "small" });
    const context = await browser.newContext({ colorScheme, locale, viewport: { width: 390, height: 800 } });
    const page = await context.newPage();
    const look = async (path: string) => {
      await page.goto(console.url + path);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical")).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    };
    await look("/login");
    await signInBrowser(context, console.url);
    await look("/settings");
    await look("/settings/people");
    await context.close();
  });
