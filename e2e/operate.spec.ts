import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@playwright/test";
import { startPostgres, type PostgresServer } from "../lib/db/testing/postgres-server";
import { freePort } from "./support/console";

/** Every command that docs/operate.md tells operators to type is typed here, in its order, on a scratch store. */
const DOCUMENT = readFileSync("docs/operate.md", "utf8");
const START = "npm start";
const READY_MS = 30_000;

/**
 * How things stand as a block is typed. `moved`: on another machine, whose data folder is empty. `replica`: beside a
 * console that goes on. Without one it does not matter.
 */
type State = "running" | "stopped" | "moved" | "replica" | "key-lost" | undefined;
interface Block {
  engine: string | undefined;
  state: State;
  script: string;
}
const blocks: Block[] = [...DOCUMENT.matchAll(/```sh(?: (\w+) ([\w-]+))?\n([^]*?)```/g)].map(
  ([, engine, state, script = ""]) => ({ engine, state: state as State, script }),
);
const exampleOf = (name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(DOCUMENT)?.[1] ?? "";

/** A PostgreSQL with the tools that belong to it; the tests' own comes without them. */
function installedPostgres(): string | null {
  const folders = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql") : [];
  const told = spawnSync("pg_config", ["--bindir"], { encoding: "utf8" }).stdout?.trim();
  const candidates = [...(told ? [told] : []), ...folders.map((version) => `/usr/lib/postgresql/${version}/bin`)];
  const needed = ["initdb", "postgres", "pg_dump", "pg_restore"];
  return candidates.find((bin) => needed.every((name) => existsSync(join(bin, name)))) ?? null;
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    get({ host: "127.0.0.1", port, path: "/login", agent: false }, (response) => {
      response.resume();
      resolve(true);
    }).once("error", () => resolve(false));
  });

/** An operator at a machine: a data folder, a place for backups and one for the key, and the consoles that were started. */
class Operator {
  readonly folder = mkdtempSync(join(tmpdir(), "standdown-operate-"));
  readonly dataDir = join(this.folder, "data");
  readonly env: Record<string, string>;
  readonly #started: { child: ChildProcess; ended: Promise<unknown> }[] = [];
  #output = "";

  constructor(env: Record<string, string>) {
    for (const name of ["data", "backups", "keys"]) mkdirSync(join(this.folder, name), { mode: 0o700 });
    writeFileSync(join(this.folder, "config.json"), JSON.stringify({ dataDir: this.dataDir }));
    this.env = { DATABASE_URL: "", STANDDOWN_KEY: "", ...env, STANDDOWN_CONFIG: join(this.folder, "config.json") };
  }

  /** As it is typed here: the folders, the day and the database are others than the document's. */
  #here(script: string): string {
    const today = new Date().toISOString().slice(0, 10);
    return script
      .replaceAll("/var/backups/", `${this.folder}/backups/`)
      .replaceAll("/root/", `${this.folder}/keys/`)
      .replaceAll(/(?<=\s)\.standdown\//g, `${this.dataDir}/`)
      .replaceAll(/standdown-\d{4}-\d\d-\d\d/g, `standdown-${today}`)
      .replaceAll(/postgres:\/\/\S+/g, this.env["DATABASE_URL"] ?? "");
  }

  async run(script: string): Promise<string> {
    const port = await freePort();
    const env = { ...process.env, ...this.env, TZ: "UTC", PORT: String(port), NODE_ENV: "production" };
    const child = spawn("sh", ["-e", "-c", this.#here(script)], {
      env: env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    if (!script.includes(START)) {
      expect(await ended, `${script}\n${output}`).toBe(0);
      return output;
    }
    const one = { child, ended };
    this.#started.push(one);
    process.once("exit", () => kill(child, "SIGKILL"));
    for (const untilMs = Date.now() + READY_MS; !(await answers(port)); await sleep(50))
      if (child.exitCode !== null || Date.now() > untilMs) throw new Error(`${script} does not serve:\n${output}`);
    return output;
  }

  async stop(): Promise<void> {
    for (const { child, ended } of this.#started.splice(0)) {
      kill(child, "SIGTERM");
      await ended;
    }
  }

  async become(state: State): Promise<void> {
    const isRunning = this.#started.length > 0;
    if (state === "running" && !isRunning) await this.run(START);
    if (state === "stopped" || state === "moved" || state === "key-lost") await this.stop();
    if (state === "moved") {
      rmSync(this.dataDir, { recursive: true });
      mkdirSync(this.dataDir, { mode: 0o700 });
    }
    if (state === "key-lost") rmSync(join(this.dataDir, "standdown.key"));
  }
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid ?? 0), signal);
  } catch {
    // Ended already.
  }
}

async function typeAll(operator: Operator, engine: string): Promise<void> {
  for (const block of blocks) {
    if (block.engine !== undefined && block.engine !== engine) continue;
    await operator.become(block.state);
    const isRestore = /restore/.test(block.script);
    // What comes after the backup is gone after the restore, and what the backup held is back.
    if (isRestore && block.state === "stopped") await operator.run("npm run admin -- create too.late");
    const output = await operator.run(block.script);
    if (block.script.includes("keys -- status")) expect(output).not.toContain("does not open");
    if (isRestore) {
      const people = await operator.run("npm run admin -- list");
      expect(people).toContain("li.wei");
      expect(people).not.toContain("too.late");
    }
    if (block.script.includes("STANDDOWN_NEW_KEY")) operator.env["STANDDOWN_KEY"] = exampleOf("STANDDOWN_NEW_KEY");
  }
}

test.describe.configure({ timeout: 240_000 });

test("the commands of docs/operate.md do what it says on the embedded store", async () => {
  expect(blocks.filter(({ engine }) => engine === "embedded").length).toBeGreaterThan(5);
  const operator = new Operator({});
  try {
    await typeAll(operator, "embedded");
  } finally {
    await operator.stop();
    rmSync(operator.folder, { recursive: true, force: true });
  }
});

test("the commands of docs/operate.md do what it says on PostgreSQL", async () => {
  const bin = installedPostgres();
  test.skip(bin === null, "pg_dump and pg_restore are not on this machine");
  let server: PostgresServer | undefined;
  const operator = new Operator({});
  try {
    server = await startPostgres({ bin: bin ?? "" });
    Object.assign(operator.env, {
      DATABASE_URL: server.url,
      STANDDOWN_KEY: exampleOf("STANDDOWN_KEY"),
      PATH: `${bin}:${process.env.PATH}`,
    });
    await typeAll(operator, "postgres");
  } finally {
    await operator.stop();
    await server?.stop();
    rmSync(operator.folder, { recursive: true, force: true });
  }
});
