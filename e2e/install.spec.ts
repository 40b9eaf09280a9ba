import { expect, test as base } from "@playwright/test";
import { test } from "./support/standdown";

base.describe.configure({ timeout: 60_000 });

/** What a plain page on this machine cannot have, whatever is right about it. */
const OF_THE_BENCH = new Set(["in-incognito"]);

for (const [locale, lang, words] of [
  ["en", "en", "OceanBase cluster"],
  ["zh", "zh-CN", "集群"],
] as const)
  test(`a browser judges the console installable, and its manifest is in the language of the page (${locale})`, async ({
    page,
    context,
    standdown,
  }) => {
    const console = await standdown({ scenario: "small", signedOut: true });
    await context.addCookies([{ name: "standdown-locale", value: locale, url: console.url }]);
    await page.goto(`${console.url}/login`);
    const devtools = await context.newCDPSession(page);
    const { url, errors, data } = await devtools.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    expect(url).toBe(`${console.url}/manifest.${locale}.webmanifest`);
    const manifest = JSON.parse(data ?? "") as { lang: string; description: string; icons: { src: string }[] };
    expect(manifest).toMatchObject({ lang, display: "standalone" });
    expect(manifest.description).toContain(words);
    for (const { src } of manifest.icons) {
      const icon = await page.request.get(`${console.url}${src}`);
      expect(icon.headers()["content-type"], src).toBe("image/png");
    }
    const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
    expect(installabilityErrors.filter(({ errorId }) => !OF_THE_BENCH.has(errorId))).toEqual([]);
    for (const rel of ["icon", "apple-touch-icon"]) {
      const src = (await page.locator(`link[rel="${rel}"]`).getAttribute("href")) ?? "";
      expect((await page.request.get(`${console.url}${src}`)).status(), rel).toBe(200);
    }
  });

test("what the browser draws around the page follows the scheme that a person chose", async ({
  page,
  context,
  standdown,
}) => {
  const console = await standdown({ scenario: "small", signedOut: true });
  await page.goto(`${console.url}/login`);
  const colours = () =>
    page
      .locator('meta[name="theme-color"]')
      .evaluateAll((found) => found.map((one) => [one.getAttribute("media"), one.getAttribute("content")]));
  expect(await colours()).toHaveLength(2);
  await context.addCookies([{ name: "standdown-theme", value: "dark", url: console.url }]);
  await page.reload();
  expect(await colours()).toEqual([[null, "#12161c"]]);
});
