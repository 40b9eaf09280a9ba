import { defineConfig } from "@playwright/test";
import { findBrowser } from "./lib/commands/browser.mjs";

// npm test names the browser; run alone, Playwright takes this machine's, else its own download.
const executablePath = process.env.STANDDOWN_BROWSER || findBrowser() || undefined;

export default defineConfig({
  testDir: "e2e",
  // They end what hangs; what has to come in time says so itself.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["line"]],
  // What is measured runs after the stories and alone, or it would measure them. Called by itself Playwright leaves it out
  // when a story failed; npm test and npm run e2e call each suite on its own. Each has its folder, or the second run would
  // clear away the traces of the first.
  projects: [
    { name: "stories", outputDir: "test-results/stories", testMatch: "*.spec.ts" },
    {
      ...{ name: "speed", outputDir: "test-results/speed", testMatch: "*.speed.ts", dependencies: ["stories"] },
      ...{ workers: 1, fullyParallel: false },
    },
  ],
  use: {
    locale: "en-GB",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
      ],
    },
  },
});
