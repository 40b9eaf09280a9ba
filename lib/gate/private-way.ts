import { ConfigError, type Config } from "../config";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * Passwords come in over https, which a proxy in front provides, or stay on this machine. Throws ConfigError when the
 * console would listen on `host` otherwise; the standalone server listens everywhere when there is none.
 */
export function requirePrivateWay(host: string | undefined, { url, trustedProxies }: Config): void {
  if (LOOPBACK.has(host ?? "")) return;
  if (url?.startsWith("https:") && trustedProxies.length > 0) return;
  throw new ConfigError(
    `it would listen on “${host ?? ""}” without https. To serve other machines, put a proxy with https in front and name both in the configuration: url (https://…) and trustedProxies`,
  );
}
