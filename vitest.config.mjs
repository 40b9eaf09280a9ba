import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Long, or about PostgreSQL: the quick half of the checks leaves them to npm test, and says so. */
const LONG = [
  "lib/audit/{back-up,programs/programs}.test.ts",
  "lib/auth/{admin,auth,manage-people,oidc,sign-in}.test.ts",
  "lib/clusters/{maintenance,overview,save-cluster,test-connection}.test.ts",
  "lib/commands/every-command.test.ts",
  "lib/db/postgres.test.ts",
  "lib/lifecycle/{accepts,approvals,given-up,intents,not-serving-yet,operate,release,start,zone-names}.test.ts",
  "lib/obshell/client.test.ts",
  "lib/simulator/stop-failures.test.ts",
  "lib/tasks/{causes,dead-agent,failed-run,find-run,read-run,silent-coordinator}.test.ts",
];
const isQuick = process.env.STANDDOWN_QUICK === "1";

export default defineConfig({
  resolve: {
    alias: [
      // Next's bundler knows which side a module is on; here every module may be read.
      { find: /^server-only$/, replacement: `${root}node_modules/server-only/empty.js` },
      { find: /^@\//, replacement: root },
    ],
  },
  test: {
    // They end what hangs, and measure nothing: a busy machine takes several times as long for a password or a database.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // Tests on simulated agents wait more than they work.
    maxWorkers: 6,
    globalSetup: ["./lib/db/testing/global-setup.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "lib",
          environment: "node",
          include: ["lib/**/*.test.ts"],
          exclude: isQuick ? LONG : [],
        },
      },
      {
        extends: true,
        plugins: [react()],
        test: {
          name: "components",
          environment: "jsdom",
          globals: true,
          include: ["components/**/*.test.{ts,tsx}"],
          setupFiles: ["./components/testing/strict-mode.ts"],
          css: false,
        },
      },
    ],
  },
});
