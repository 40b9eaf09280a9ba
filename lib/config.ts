import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { agentAddress, clusterIdSchema, environment } from "./clusters/schema";
import { singleton } from "./singleton";

const clusterSchema = z
  .strictObject({
    id: clusterIdSchema,
    /** Shown everywhere and typed to confirm a critical stop; the id when absent. */
    name: z.string().trim().min(1).max(64).optional(),
    environment: environment.default("UNLABELLED"),
    /** Any agents of the cluster; the others are found through them. */
    agents: z.array(agentAddress).min(1),
    /** A critical stop needs a second person (ux C-13). */
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

const configSchema = z
  .strictObject({
    /** Where the audit file and the known agent keys are kept; relative to the configuration file. */
    dataDir: z.string().min(1).default(".standdown"),
    clusters: z.array(clusterSchema).default([]),
  })
  .refine((config) => new Set(config.clusters.map((cluster) => cluster.id)).size === config.clusters.length, {
    message: "two clusters have the same id",
    path: ["clusters"],
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

export interface Config {
  dataDir: string;
  clusters: ClusterConfig[];
}

/** Says which key of which file is wrong; the start prints the message and ends. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

function readText(file: string, key: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError(`${key}: cannot read ${file} (${cause instanceof Error ? cause.message : String(cause)})`, {
      cause,
    });
  }
}

/** Reads and checks a configuration file. Paths inside it are relative to it. Throws ConfigError naming the key. */
export function readConfig(file: string, env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const base = dirname(resolve(file));
  let json: unknown;
  try {
    json = JSON.parse(readText(file, "STANDDOWN_CONFIG"));
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
    clusters: parsed.data.clusters.map((cluster, at) => {
      const key = `clusters.${at}`;
      let password: string;
      if (cluster.passwordFile !== undefined) {
        password = readText(resolve(base, cluster.passwordFile), `${key}.passwordFile`).replace(/\r?\n$/, "");
      } else {
        const value = env[cluster.passwordEnv ?? ""];
        if (value === undefined)
          throw new ConfigError(`${key}.passwordEnv: the variable ${cluster.passwordEnv} is not set`);
        password = value;
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
  };
}

/** The configuration of this process, read once from STANDDOWN_CONFIG (default: standdown.config.json here). */
export const config = (): Config =>
  singleton("config", () => readConfig(process.env.STANDDOWN_CONFIG ?? "standdown.config.json"));
