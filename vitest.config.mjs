import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      // Next's bundler knows which side a module is on; here every module may be read.
      { find: /^server-only$/, replacement: `${root}node_modules/server-only/empty.js` },
      { find: /^@\//, replacement: root },
    ],
  },
  test: {
    testTimeout: 10_000,
    hookTimeout: 20_000,
    // Tests on simulated agents wait more than they work.
    maxWorkers: 6,
    globalSetup: ["./lib/db/testing/global-setup.ts"],
    projects: [
      {
        extends: true,
        test: { name: "lib", environment: "node", include: ["lib/**/*.test.ts"] },
      },
      {
        extends: true,
        plugins: [react()],
        test: {
          name: "components",
          environment: "jsdom",
          globals: true,
          include: ["components/**/*.test.{ts,tsx}"],
          css: false,
        },
      },
    ],
  },
});
