import { expect, type Page } from "@playwright/test";
import { englishIn } from "./support/english";
import { PASSWORD, test, type Standdown } from "./support/standdown";
import { dialog, opener, review, servers, settled, stopsSent } from "./support/stop";

test.describe.configure({ timeout: 90_000 });

const REASON = "INC-4471 # disk";
const SECRETS = new RegExp(`${PASSWORD}|X-OCS|password`, "i");
const openerZh = (page: Page) => page.getByRole("button", { name: /^强制停止 2 台服务器…$/ });
const goZh = (page: Page) => dialog(page).getByRole("button", { name: /^强制停止 2 台服务器$/ });
const nameZh = (page: Page) => dialog(page).getByLabel(/输入集群名/);

/** The numbers of each fact of the dialog, in any language; what ages is left out. */
const countsOf = (page: Page) =>
  dialog(page)
    .locator("h2, dd, footer button")
    .evaluateAll((facts) =>
      facts.map(({ textContent }) =>
        textContent
          .replace(/\d+\s?s\b/g, "")
          .match(/\d+/g)
          ?.sort(),
      ),
    );

/** Another server goes down and the page is kept from noticing, so that the console must refuse; lets it notice. */
async function changeUnseen(page: Page, console: Standdown, other: string): Promise<() => void> {
  let letGo = () => undefined as void;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  await page.route(/\/plans\/[^/]+$/, async (route) => {
    await until;
    await route.continue();
  });
  console.simulator.setObserver(other, "process-stopped");
  await expect
    .poll(async () => await (await page.request.get(`${console.url}/api${console.clusterPath}/topology`)).text())
    .toMatch(/"state":"(PROCESS_STOPPED|UNAVAILABLE)"/);
  return letGo;
}

/** One attempt in the audit, with all that was written down about it. */
async function openEntry(page: Page, end: string) {
  const entry = page
    .getByRole("main")
    .locator("ol > li")
    .filter({ has: page.locator("p", { hasText: end }) });
  await entry.locator("summary").click();
  return entry;
}

test("the language is switched with the dialog open, nothing is lost, and every attempt is in the audit (check 25)", async ({
  page,
  context,
  standdown,
}) => {
  const console = await standdown({ scenario: "maintenance-held", environment: "PROD", clusterName: "prod-core" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: console.url });
  const targets = servers(console, "zone1", 2);
  const [other = ""] = servers(console, "zone2", 1);
  await page.setViewportSize({ width: 1280, height: 500 }); // so that the dialog scrolls
  await review(page, console, targets, "force");
  await page.getByRole("checkbox", { name: /Release run .* for this stop/ }).click();
  await expect(opener(page)).not.toHaveAttribute("aria-disabled", "true", { timeout: 20_000 });
  await page.getByRole("button", { name: "Check only" }).click();
  await expect(page.getByText(/the check is in the audit/)).toBeVisible();
  await opener(page).click();
  await settled(page);
  await dialog(page).getByLabel("Reason").fill(REASON);
  await dialog(page)
    .getByLabel(/Type the cluster name/)
    .fill("prod-core");
  const counts = await countsOf(page);
  expect(counts.flat()).toContain("7"); // stay up
  expect((await englishIn(page)).length).toBeGreaterThan(20);

  const language = dialog(page).getByRole("combobox", { name: "Language" });
  const asked: string[] = [];
  page.on("request", (request) => request.url().endsWith("/api/auth/who") && asked.push(request.url()));
  await context.setOffline(true); // a switch that finds no console changes nothing
  await language.selectOption("zh");
  await expect.poll(() => asked.length).toBe(1);
  await expect(language).toHaveValue("en");
  await page.waitForTimeout(500); // nobody chooses it once more
  expect(asked).toHaveLength(1);
  await context.setOffline(false);
  await language.focus();
  const scrolled = () => dialog(page).evaluate((element) => element.scrollTop);
  const before = await scrolled();
  await language.selectOption("zh");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
  await expect(dialog(page)).toHaveAccessibleName("要强制停止 prod-core 的 2 台服务器吗？");
  await expect(dialog(page).getByRole("combobox", { name: "语言" })).toBeFocused();
  expect(await scrolled()).toBe(before);
  await expect(dialog(page).getByLabel("原因")).toHaveValue(REASON);
  await expect(nameZh(page)).toHaveValue("prod-core");
  await expect(goZh(page)).not.toHaveAttribute("aria-disabled", "true", { timeout: 10_000 }); // it was offline
  expect(await countsOf(page)).toEqual(counts);
  await expect(page.getByRole("checkbox", { name: /释放任务/, includeHidden: true })).toBeChecked();
  expect(await englishIn(page)).toEqual([]);

  await dialog(page).getByRole("button", { name: "保持运行" }).click();
  await expect(dialog(page)).toHaveCount(0);
  const letNotice = await changeUnseen(page, console, other);
  await openerZh(page).click();
  await settled(page);
  await expect(dialog(page).getByLabel("原因")).toHaveValue(REASON); // typed once is not asked twice
  await nameZh(page).fill("prod-core");
  await goZh(page).click();
  await expect(dialog(page)).toContainText("检查之后集群发生了变化。未发送任何请求。");
  await expect(nameZh(page)).toHaveValue("prod-core");
  expect(await englishIn(page)).toEqual([]);
  expect(stopsSent(console)).toHaveLength(0);

  letNotice();
  await dialog(page).getByRole("button", { name: "重新检查" }).click();
  await expect(openerZh(page)).not.toHaveAttribute("aria-disabled", "true", { timeout: 20_000 });
  await openerZh(page).click();
  await settled(page);
  await nameZh(page).fill("prod-core");
  console.simulator.setFault("*", { kind: "stage-held", stage: "wait" }); // so that it is still going in the audit
  await goZh(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  const run = page.url().split("/").at(-1) ?? "";

  await page.goto(`${console.url}${console.clusterPath}/audit`);
  await expect(page.getByRole("main").locator("ol > li")).toHaveCount(4);
  const ends = ["已检查，未发送", "已放弃，未发送", "被拒绝", "已受理"] as const;
  for (const end of ends) {
    const entry = await openEntry(page, end);
    await expect(entry.getByRole("link", { name: "admin" })).toBeVisible();
    await expect(entry).toContainText("强制停止 prod-core 的 2 台服务器");
    for (const target of targets) await expect(entry.locator("dd", { hasText: target }).first()).toBeVisible();
    const request = await entry.locator("pre").innerText();
    expect(request).toMatch(/^POST \/api\/v1\/ob\/stop\n/);
    expect(request).toMatch(/"forcePassDag": \{[^}]*\d+/);
    expect(await entry.innerText()).not.toMatch(SECRETS);
    if (end === "已检查，未发送") await expect(entry.locator("q")).toHaveCount(0);
    else await expect(entry.locator("q")).toHaveText(REASON);
    const isSent = end === "已受理";
    await expect(entry.getByRole("link", { name: "打开任务" })).toHaveCount(isSent ? 1 : 0);
    await expect(entry).toContainText(end === "被拒绝" ? "检查之后集群发生了变化。" : end);
  }
  expect(await englishIn(page)).toEqual([]);
  expect(JSON.stringify(await console.auditLines())).not.toMatch(SECRETS);

  const sent = page.getByRole("main").locator("ol > li").first();
  await sent.getByRole("button", { name: "复制事件记录" }).click();
  const note = await page.evaluate(() => navigator.clipboard.readText());
  expect(note).toMatch(/^## 强制停止 prod-core 的 2 台服务器 \\\[PROD\\\]\n/);
  expect(note).toContain("INC-4471 \\# disk");
  for (const target of targets) expect(note).toContain(`\n- \`${target}\``);
  expect(note).toContain(`\`${run}\``);
  expect(note).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  expect(note).not.toMatch(SECRETS);
  const [prose = "", ...fenced] = note.split("```"); // one code block, and no heading but the first
  expect(fenced).toHaveLength(2);
  expect(`${prose}${fenced[1] ?? ""}`.match(/^#/gm)).toHaveLength(1);
  await sent.getByRole("link", { name: "打开任务" }).click();
  await page.waitForURL(new RegExp(`/runs/${run}$`));
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await englishIn(page)).toEqual([]);
});
