import { fileURLToPath } from "node:url";
import createNextIntlPlugin from "next-intl/plugin";

// Said aloud, because Next otherwise takes the outermost folder with a lock file, which may be someone's home.
const root = fileURLToPath(new URL(".", import.meta.url));

// No page of another origin may frame the console and borrow a click on Stop.
const headers = [
  {
    key: "content-security-policy",
    value: "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
  },
  { key: "x-frame-options", value: "DENY" },
  { key: "x-content-type-options", value: "nosniff" },
  { key: "referrer-policy", value: "same-origin" },
  { key: "cross-origin-opener-policy", value: "same-origin" },
];

/** @type {import("next").NextConfig} */
const config = {
  output: "standalone",
  outputFileTracingRoot: root,
  turbopack: { root },
  // The driver of the embedded store finds its binary beside itself, at run time.
  serverExternalPackages: ["@photostructure/sqlite"],
  outputFileTracingIncludes: { "/*": ["node_modules/@photostructure/sqlite/prebuilds/**/*"] },
  poweredByHeader: false,
  reactStrictMode: true,
  agentRules: false,
  experimental: { authInterrupts: true },
  headers: () => Promise.resolve([{ source: "/:path*", headers }]),
};

// Sentences are parsed by the build, so that no page loads the parser for them.
const withMessages = createNextIntlPlugin({
  requestConfig: "./lib/i18n/request.ts",
  experimental: {
    messages: {
      path: ["./lib/i18n/messages/en", "./lib/i18n/messages/zh"],
      format: "json",
      locales: ["en", "zh"],
      sourceLocale: "en",
      precompile: true,
    },
  },
});

export default withMessages(config);
