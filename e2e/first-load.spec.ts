import { expect } from "@playwright/test";
import { firstLoadScripts } from "./support/first-load";
import { test } from "./support/standdown";

/** As in lib/commands/budget.mjs, which reads the build; this is what a browser really asks for, lazy parts included. */
const LIMIT_BYTES = 220 * 1024;

test("the picker loads no more JavaScript than agreed until it is ready to be used", async ({ page, standdown }) => {
  const { url, clusterPath } = await standdown({ scenario: "medium" });
  const { scripts, gzipBytes } = await firstLoadScripts(page, `${url}${clusterPath}`);
  expect(scripts.length).toBeGreaterThan(4);
  expect(gzipBytes).toBeLessThanOrEqual(LIMIT_BYTES);
});
