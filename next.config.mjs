import createNextIntlPlugin from "next-intl/plugin";

/** @type {import("next").NextConfig} */
const config = {
  output: "standalone",
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: false,
  agentRules: false,
  experimental: { authInterrupts: true },
};

export default createNextIntlPlugin("./lib/i18n/request.ts")(config);
