import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const RUN = fileURLToPath(new URL("run.mjs", import.meta.url));
const run = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [RUN, ...args], { encoding: "utf8", env: { ...process.env, ...env } });

/** What an operator or the CI may type. */
const COMMANDS = [
  "admin",
  "audit",
  "backup",
  "build",
  "demo",
  "keys",
  "restore",
  "simulator",
  "start",
  "test",
  "test-crash",
  "test-faults",
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "standdown-commands-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("every command", () => {
  test.each(COMMANDS.flatMap((name) => [[name, "--help"] as const, [name, "-h"] as const]))(
    "%s %s says what it takes and does nothing else",
    (name, help) => {
      const { status, stdout, stderr } = run([name, help], { STANDDOWN_CONFIG: join(folder, "none.json") });
      expect(stderr).toBe("");
      expect(stdout).toMatch(/^npm (run|start|test)/);
      expect(status).toBe(0);
    },
  );

  test.each(COMMANDS)("%s names an option that it does not know, says what it takes, and does nothing", (name) => {
    const env = { STANDDOWN_CONFIG: join(folder, "config.json"), DATABASE_URL: "" };
    writeFileSync(env.STANDDOWN_CONFIG, JSON.stringify({ dataDir: "data" }));
    const { status, stdout, stderr } = run([name, "--colour"], env);
    expect(stderr).toMatch(/Unknown option '--colour'[^]*→ npm (run|start|test)/);
    expect(stderr).not.toContain("    at ");
    expect([stdout, status]).toEqual(["", name === "simulator" ? 2 : 1]);
    expect(readdirSync(folder)).toEqual(["config.json"]);
  });

  test("what cannot be read or written is named without a stack, and with what to check", () => {
    const config = (name: string, content: object) => {
      writeFileSync(join(folder, name), JSON.stringify(content));
      return { STANDDOWN_CONFIG: join(folder, name), DATABASE_URL: "" };
    };
    const fine = config("fine.json", { dataDir: "data" });
    const noFolder = config("no-folder.json", { dataDir: "fine.json/data" });
    const trouble: [string[], Record<string, string>, RegExp][] = [
      [["admin", "list"], noFolder, /ENOTDIR[^]*→ Check that it exists/],
      [["keys", "status"], { ...fine, DATABASE_URL: "postgres://127.0.0.1:1/x" }, /→ Check DATABASE_URL/],
      [["restore", folder], fine, /is no file[^]*→ Name one that npm run backup has written/],
      [["audit", "verify"], { STANDDOWN_CONFIG: "/nowhere.json" }, /cannot read \/nowhere.json[^]*→ Mend/],
    ];
    for (const [args, env, message] of trouble) {
      const { status, stderr } = run(args, env);
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain("    at ");
      expect(status).toBe(1);
    }
  }, 30_000);
});

describe("ending npm", () => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const)(
    "with %s ends the simulator that it runs",
    async (signal) => {
      const npm = spawn("npm", ["run", "--silent", "simulator", "--", "--scenario", "small", "--json"], {
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        stdio: ["ignore", "pipe", "inherit"],
      });
      const line = await new Promise<string>((resolve) =>
        npm.stdout.once("data", (bytes: Buffer) => resolve(bytes.toString())),
      );
      const { control } = JSON.parse(line) as { control: string };
      const answers = () =>
        fetch(`${control}/requests`).then(
          () => true,
          () => false,
        );
      expect(await answers()).toBe(true);
      npm.kill(signal);
      await vi.waitFor(async () => expect(await answers()).toBe(false), { timeout: 8_000, interval: 50 });
    },
    20_000,
  );
});
