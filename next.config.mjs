import { fileURLToPath } from "node:url";
import createNextIntlPlugin from "next-intl/plugin";

// Said aloud, because Next otherwise takes the outermost folder with a lock file, which may be someone's home.
const root = fileURLToPath(new URL(".", import.meta.url));

/** @type {import("next").NextConfig} */
const config = {
  output: "standalone",
  outputFileTracingRoot: root,
  turbopack: { root },
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: false,
  agentRules: false,
  experimental: { authInterrupts: true },
};

export default createNextIntlPlugin("./lib/i18n/request.ts")(config);
