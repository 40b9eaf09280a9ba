import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { canonicalIp } from "./address";
import { grantSchema, type Grant } from "./auth/schema";
import { agentAddresses, clusterIdSchema, environment } from "./clusters/schema";
import { singleton } from "./singleton";
import { asSecret, readTextFile } from "./text-file";

const clusterSchema = z
  .strictObject({
    id: clusterIdSchema,
    /** Shown everywhere and typed to confirm a critical action; the id when absent. */
    name: z.string().trim().min(1).max(64).optional(),
    environment: environment.default("UNLABELLED"),
    /** Any agents of the cluster; the others are found through them. */
    agents: agentAddresses,
    /** A critical action needs a second person (ux C-13). */
    twoPerson: z.boolean().default(false),
    passwordFile: z.string().optional(),
    passwordEnv: z.string().optional(),
    tls: z
      .strictObject({
        /** PEM file of the authority that signed the agents' certificates. */
        ca: z.string(),
        cert: z.string().optional(),
        key: z.string().optional(),
      })
      .refine(
        (tls) => (tls.cert === undefined) === (tls.key === undefined),
        "a client certificate needs both cert and key",
      )
      .optional(),
  })
  .refine((cluster) => (cluster.passwordFile === undefined) !== (cluster.passwordEnv === undefined), {
    message: "give the root@sys password in exactly one place: passwordFile or passwordEnv",
    path: ["passwordFile"],
  });

const LOOPBACK = new Set(["127.0.0.1", "[::1]", "localhost"]);

const publicUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => url.startsWith("https:") || LOOPBACK.has(new URL(url).hostname), "it must begin with https://")
  .refine(
    (url) => new URL(url).pathname === "/" && !url.includes("?"),
    "only the origin, for example https://console.example",
  );

/** An address or a range as connections name it: an IPv4 one that is written in an IPv6 one is an IPv4 one there. */
const proxy = z.string().transform((value, context) => {
  const [typed = "", prefix, ...rest] = value.trim().split("/");
  const address = canonicalIp(typed);
  const isMapped = typed.includes(":") && address?.includes(":") === false;
  const bits = prefix === undefined ? null : Number(prefix) - (isMapped ? 96 : 0);
  const isRange =
    bits === null || (/^\d{1,3}$/.test(prefix ?? "") && bits >= 0 && bits <= (address?.includes(":") ? 128 : 32));
  if (address !== null && rest.length === 0 && isRange) return bits === null ? address : `${address}/${bits}`;
  context.addIssue({ code: "custom", message: "write an IP address or a range, for example 10.0.0.5 or 10.0.0.0/24" });
  return z.NEVER;
});

const LOOPBACK_ISSUER = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/;

const oidcSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, "lower-case letters, digits and hyphens"),
    /** Stands on the button of the sign-in page. */
    name: z.string().trim().min(1).max(40).optional(),
    issuer: z
      .url()
      .refine((url) => url.startsWith("https:") || LOOPBACK_ISSUER.test(url), "an issuer is reached by https"),
    clientId: z.string().min(1),
    clientSecretFile: z.string().optional(),
    clientSecretEnv: z.string().optional(),
    /** What somebody may do who comes for the first time; nothing when absent. */
    grants: z.array(grantSchema).default([]),
  })
  .refine((oidc) => oidc.clientSecretFile === undefined || oidc.clientSecretEnv === undefined, {
    message: "give the client secret in one place: clientSecretFile or clientSecretEnv",
    path: ["clientSecretFile"],
  });

const configSchema = z
  .strictObject({
    /** Where the store and its key are kept; relative to the configuration file. */
    dataDir: z.string().min(1).default(".standdown"),
    /** The address that people type; without it the console answers on this machine only. */
    url: publicUrl.optional(),
    /** Proxies whose word about the client and about https is believed. */
    trustedProxies: z.array(proxy).default([]),
    clusters: z.array(clusterSchema).default([]),
    signIn: z.strictObject({ oidc: z.array(oidcSchema).default([]) }).default({ oidc: [] }),
  })
  .refine((config) => new Set(config.clusters.map((cluster) => cluster.id)).size === config.clusters.length, {
    message: "two clusters have the same id",
    path: ["clusters"],
  })
  .refine(({ signIn }) => new Set(signIn.oidc.map((oidc) => oidc.id)).size === signIn.oidc.length, {
    message: "two of them have the same id",
    path: ["signIn", "oidc"],
  });

export interface ClusterConfig {
  id: string;
  name: string;
  environment: z.infer<typeof environment>;
  agents: string[];
  twoPerson: boolean;
  password: string;
  tls: { ca: string; cert?: string; key?: string } | null;
}

export interface OidcConfig {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  /** null for a client that has none. */
  clientSecret: string | null;
  grants: Grant[];
}

export interface Config {
  dataDir: string;
  /** Origin without a slash at the end; null when only this machine is served. */
  url: string | null;
  trustedProxies: string[];
  clusters: ClusterConfig[];
  signIn: { oidc: OidcConfig[] };
}

/** Says which key of which file is wrong; the start prints the message and ends. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

function readText(file: string, key: string): string {
  try {
    return readTextFile(file);
  } catch (cause) {
    throw new ConfigError(`${key}: cannot read ${file} (${cause instanceof Error ? cause.message : String(cause)})`, {
      cause,
    });
  }
}

/**
 * Reads and checks a configuration file. Paths inside it are relative to it. Throws ConfigError naming the key.
 * `isOptional`: a file that is not there is an empty configuration.
 */
export function readConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  isOptional = false,
): Config {
  const base = dirname(resolve(file));
  let json: unknown = {};
  try {
    if (!isOptional || existsSync(file)) json = JSON.parse(readText(file, "STANDDOWN_CONFIG"));
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(`${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".") || "(top level)"}: ${issue.message}`);
    throw new ConfigError(
      `${file} has ${lines.length} wrong ${lines.length === 1 ? "key" : "keys"}:\n${lines.join("\n")}`,
    );
  }
  return {
    dataDir: resolve(base, parsed.data.dataDir),
    url: parsed.data.url === undefined ? null : new URL(parsed.data.url).origin,
    trustedProxies: parsed.data.trustedProxies,
    clusters: parsed.data.clusters.map((cluster, at) => {
      const key = `clusters.${at}`;
      let password: string;
      if (cluster.passwordFile !== undefined) {
        password = asSecret(readText(resolve(base, cluster.passwordFile), `${key}.passwordFile`));
      } else {
        const value = env[cluster.passwordEnv ?? ""];
        if (value === undefined)
          throw new ConfigError(`${key}.passwordEnv: the variable ${cluster.passwordEnv} is not set`);
        password = asSecret(value);
      }
      const { tls } = cluster;
      const pem = (name: "ca" | "cert" | "key") =>
        tls?.[name] === undefined ? undefined : readText(resolve(base, tls[name]), `${key}.tls.${name}`);
      return {
        id: cluster.id,
        name: cluster.name ?? cluster.id,
        environment: cluster.environment,
        agents: cluster.agents,
        twoPerson: cluster.twoPerson,
        password,
        tls: tls ? { ca: pem("ca") ?? "", cert: pem("cert"), key: pem("key") } : null,
      };
    }),
    signIn: {
      oidc: parsed.data.signIn.oidc.map(({ clientSecretFile, clientSecretEnv, ...oidc }, at) => {
        const key = `signIn.oidc.${at}`;
        const fromEnv = clientSecretEnv === undefined ? undefined : env[clientSecretEnv];
        if (clientSecretEnv !== undefined && fromEnv === undefined)
          throw new ConfigError(`${key}.clientSecretEnv: the variable ${clientSecretEnv} is not set`);
        const fromFile =
          clientSecretFile === undefined ? null : readText(resolve(base, clientSecretFile), `${key}.clientSecretFile`);
        return { ...oidc, name: oidc.name ?? oidc.id, clientSecret: (fromEnv ?? fromFile)?.trim() ?? null };
      }),
    },
  };
}

/**
 * The configuration of this process, read once: the file that STANDDOWN_CONFIG names, else standdown.config.json in the
 * folder of the start, which need not be there.
 */
export const config = (): Config =>
  singleton("config", () => {
    const { STANDDOWN_CONFIG, STANDDOWN_HOME: home = "." } = process.env;
    const named = STANDDOWN_CONFIG?.trim();
    return named ? readConfig(named) : readConfig(join(home, "standdown.config.json"), process.env, true);
  });
