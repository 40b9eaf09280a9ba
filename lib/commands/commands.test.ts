import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { environment } from "../clusters/schema";
import { findBrowser } from "./browser.mjs";
import { runSuites, suiteArgs } from "./e2e.mjs";
import { ENVIRONMENTS, readDemoOptions } from "./demo.mjs";
import { requireFreePort } from "./host.mjs";
import { matchesLock } from "./install.mjs";
import { describeOldNode } from "./node-version.mjs";
import { add, countBrowserTests, countUnitTests, summary } from "./results.mjs";
import { hashSources } from "./sources.mjs";

const RUN = fileURLToPath(new URL("run.mjs", import.meta.url));
const run = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [RUN, ...args], { encoding: "utf8", env: { ...process.env, ...env } });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "standdown-commands-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("what is refused, and what to do instead", () => {
  test.each([
    [["nonsense"], {}, /There is no command “nonsense”[^]*→ Use one of/],
    [["demo", "--scenari", "medium"], {}, /Unknown option '--scenari'[^]*→ npm run demo/],
    [["demo", "--environment", "prod"], {}, /no environment “prod”[^]*→ Use one of: PROD/],
    [["demo", "--scenario", "../x"], {}, /not the name of a scenario/],
    [["demo", "--port", "70000"], {}, /“70000”, which is not a port/],
    [["start"], { STANDDOWN_CONFIG: "/nowhere.json" }, /no configuration file \/nowhere.json[^]*→/],
    [["start"], { PORT: "http" }, /PORT is “http”/],
    [["test:crash"], {}, /There is no command/],
    [["test-crash", "--kills", "0"], {}, /--kills is “0”, which is no count[^]*→ Give a number from 1 to 10000/],
    [["test-faults", "--rounds", "0"], {}, /--rounds is “0”, which is no count[^]*→ Give a number from 1 to 1000/],
    [["test-faults", "--only", "quake"], {}, /There is no fault “quake”[^]*→ Use some of: clock-jump/],
    [["test-crash", "--engine", "oracle"], {}, /There is no engine “oracle”[^]*→ Use one of: embedded, postgres/],
  ])("%s %s", (args, env, message) => {
    const { status, stderr } = run(args, env);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
  });

  test("a port in use is refused before anything is installed, built or started", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as AddressInfo;
    await expect(requireFreePort("127.0.0.1", port, "choose another")).rejects.toMatchObject({
      message: `Port ${port} on 127.0.0.1 is already in use.`,
      next: "choose another",
    });
    holder.close();
  });

  test("an address that this machine does not have is refused with what to name instead", () =>
    expect(requireFreePort("192.0.2.1", 3210, "choose another")).rejects.toMatchObject({
      message: expect.stringContaining("Port 3210 on 192.0.2.1 cannot be used"),
      next: "Name an address of this machine, such as 127.0.0.1.",
    }));

  test("an old Node gets a sentence, a new one nothing", () => {
    expect(describeOldNode("18.20.4")?.problem).toContain("needs Node 20.9 or newer; this is Node 18.20.4");
    expect(describeOldNode("20.8.1")).not.toBeNull();
    expect(describeOldNode("20.9.0")).toBeNull();
    expect(describeOldNode("24.0.0")).toBeNull();
  });
});

test("the demo's options have defaults, and its environments are those of the configuration", () => {
  expect(readDemoOptions([])).toMatchObject({ scenario: "medium", environment: "DEMO", port: 3210, reset: false });
  expect(ENVIRONMENTS).toEqual(environment.options);
});

describe("whether an installation is due", () => {
  const locked = {
    "": {},
    "node_modules/a": { version: "1.0.0" },
    "node_modules/b": { version: "2.0.0", optional: true },
  };
  test("not when all that is required is there in the locked version", () => {
    expect(matchesLock(locked, { "node_modules/a": { version: "1.0.0" } })).toBe(true);
  });
  test.each([
    ["nothing was installed", null],
    ["a package is missing", { "node_modules/b": { version: "2.0.0" } }],
    ["a version differs", { "node_modules/a": { version: "1.0.1" } }],
    [
      "a package is no longer in the lock file",
      { "node_modules/a": { version: "1.0.0" }, "node_modules/c": { version: "1.0.0" } },
    ],
    ["it was installed for another system", { "node_modules/a": { version: "1.0.0", os: ["beos"] } }],
  ])("when %s", (_, installed) => expect(matchesLock(locked, installed)).toBe(false));
});

test("a build is due when a source changes, and not when a test does", () => {
  mkdirSync(join(folder, "lib"));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return hashSources(folder);
  };
  const first = write("lib/a.ts", "1");
  expect(write("lib/a.test.ts", "1")).toBe(first);
  expect(write("README.md", "1")).toBe(first);
  expect(write("lib/a.ts", "2")).not.toBe(first);
  expect(write("lib/a.ts", "1")).toBe(first);
  expect(write("lib/b.ts", "")).not.toBe(first);
});

test("the browser is looked for on the path first", () => {
  writeFileSync(join(folder, "chromium"), "", { mode: 0o755 });
  expect(findBrowser({ NODE_ENV: "test", PATH: folder })).toBe(join(folder, "chromium"));
});

test("the last line adds up both kinds of tests, with files that could not be loaded among the failures", () => {
  const unit = countUnitTests({
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 0,
    testResults: [
      { status: "failed", assertionResults: [] },
      { status: "failed", assertionResults: [{ status: "failed" }] },
    ],
  });
  const browser = countBrowserTests({ stats: { expected: 3, unexpected: 0, flaky: 0, skipped: 0 }, errors: [{}] });
  expect(summary(add(unit, browser))).toBe("8 passed, 3 failed, 1 skipped");
  expect(summary(add(countUnitTests(null), countBrowserTests(null)))).toBe("0 passed, 0 failed");
});

test("a story that fails keeps no other suite from being run, and the whole has failed all the same", async () => {
  const ran: string[] = [];
  const holds = await runSuites(async (suite) => {
    ran.push(suite);
    return { ok: suite !== "stories", output: "1 failed" };
  });
  expect(ran).toEqual(["stories", "speed"]);
  expect(holds).toBe(false);
  for (const suite of ran) expect(suiteArgs(suite)).toContain("--no-deps"); // Playwright would leave the second one out
});

test("a title may stand in one suite alone, and one that stands in none is not taken for held", async () => {
  const nothing = { ok: false, output: "Error: No tests found\n" };
  expect(await runSuites(async (suite) => (suite === "speed" ? { ok: true, output: "1 passed" } : nothing))).toBe(true);
  expect(await runSuites(async () => nothing)).toBe(false);
});

test("a server whose command was killed ends too", async () => {
  const preload = new URL("end-with-parent.mjs", import.meta.url).href;
  const child = spawn(
    process.execPath,
    ["--import", preload, "-e", "setInterval(() => {}, 1000); process.send('up')"],
    {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  );
  await new Promise((resolve) => child.once("message", resolve));
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  child.disconnect();
  expect(await ended).toBe("SIGTERM");
});
