import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "@photostructure/sqlite";
import type { AuditLine } from "../../lib/audit/schema";
import type { Environment } from "../../lib/clusters/schema";
import { ADMINISTRATOR } from "./sign-in";

const HOST = "127.0.0.1";
const READY_MS = 15_000;
const END_MS = 6_000;

export interface ClusterEntry {
  id: string;
  name: string;
  environment: Environment;
  agents: string[];
  password: string;
  twoPerson?: boolean;
}

export interface Console {
  url: string;
  dataDir: string;
  /** PostgreSQL, or empty for the file in `dataDir`. */
  databaseUrl: string;
  /** With which its programs (npm run admin …) find the same store. */
  env: Record<string, string>;
  /** Every line of the audit that concerns a cluster, oldest first; of the embedded store. */
  auditLines(): Promise<AuditLine[]>;
  /** What the console wrote to its log. */
  log(): string;
  /** The process id of the server that runs now. */
  pid(): number;
  /** Ends the server and starts another on the same port, with the same configuration and data. */
  restart(): Promise<void>;
  /** Ends the server as who updates it would: SIGTERM. */
  end(): Promise<void>;
  /** Ends the server as a power cut would: SIGKILL, at once. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, HOST, () => {
      const { port } = probe.address() as AddressInfo; // a listening TCP server has one
      probe.close(() => resolve(port));
    });
  });
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    get({ host: HOST, port, path: "/", agent: false }, (response) => {
      response.resume();
      resolve(true);
    }).once("error", () => resolve(false));
  });

const storeEnv = (configFile: string, databaseUrl: string) => ({
  STANDDOWN_CONFIG: configFile,
  STANDDOWN_KEY: "",
  DATABASE_URL: databaseUrl,
});

async function launch(port: number, configFile: string, databaseUrl: string, env: Record<string, string>) {
  const server = join(process.cwd(), ".next", "standalone", "server.js");
  if (!existsSync(server)) throw new Error("The console is not built. Run npm run build before the browser tests.");
  let log = "";
  const child = spawn(process.execPath, [server], {
    env: {
      ...process.env,
      NODE_ENV: "production",
      HOSTNAME: HOST,
      PORT: String(port),
      ...storeEnv(configFile, databaseUrl),
      STANDDOWN_ADMIN_NAME: ADMINISTRATOR.name,
      STANDDOWN_ADMIN_PASSWORD: ADMINISTRATOR.password,
      NEXT_MANUAL_SIG_HANDLE: "true",
      NEXT_TELEMETRY_DISABLED: "1",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const until = Date.now() + READY_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`The console did not start:\n${log}`);
    await sleep(25);
  }
  return {
    log: () => log,
    pid: () => child.pid ?? 0,
    async kill() {
      kill();
      await ended;
      process.removeListener("exit", kill);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const patience = setTimeout(kill, END_MS);
      await ended;
      clearTimeout(patience);
      process.removeListener("exit", kill);
    },
  };
}

/**
 * The built console on a port of its own, with its configuration and data in a temporary folder. `prepare` may put another
 * disk under the empty data folder.
 */
export async function startConsole(
  clusters: ClusterEntry[],
  databaseUrl = "",
  env: Record<string, string> = {},
  prepare: (dataDir: string) => void = () => undefined,
): Promise<Console> {
  const folder = await mkdtemp(join(tmpdir(), "standdown-e2e-"));
  const dataDir = join(folder, "data");
  await mkdir(dataDir);
  prepare(dataDir);
  const entries = await Promise.all(
    clusters.map(async ({ password, ...cluster }) => {
      const passwordFile = join(folder, `${cluster.id}.password`);
      await writeFile(passwordFile, password, { mode: 0o600 });
      return { ...cluster, passwordFile };
    }),
  );
  const configFile = join(folder, "config.json");
  await writeFile(configFile, JSON.stringify({ dataDir, clusters: entries }));
  const port = await freePort();
  let server = await launch(port, configFile, databaseUrl, env);
  return {
    url: `http://${HOST}:${port}`,
    dataDir,
    databaseUrl,
    env: { ...storeEnv(configFile, databaseUrl), ...env },
    async auditLines() {
      const file = join(dataDir, "standdown.db");
      if (!existsSync(file)) return [];
      const store = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
      try {
        const rows = store.prepare("select line from audit order by seq").all() as { line: string }[];
        const lines = rows.map(({ line }) => JSON.parse(line) as AuditLine); // the console itself wrote it
        return lines.filter(({ cluster }) => cluster !== null);
      } finally {
        store.close();
      }
    },
    log: () => server.log(),
    pid: () => server.pid(),
    kill: () => server.kill(),
    end: () => server.stop(),
    async restart() {
      await server.stop();
      server = await launch(port, configFile, databaseUrl, env);
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
