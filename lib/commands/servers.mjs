import { closeSync, openSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { join, relative } from "node:path";
import { CommandError } from "./command-error.mjs";
import { END_WITH_PARENT, hasEnded, launch, withEnv } from "./processes.mjs";
import { ROOT, SERVER } from "./root.mjs";
import { lastLines } from "./terminal.mjs";

/** @typedef {import("node:child_process").ChildProcess} Child */

const READY_MS = 30_000;

/**
 * @param {string} name
 * @param {Child} child
 * @param {string} logFile
 * @returns {Promise<string>} what to say when it ended by itself
 */
function whenEnded(name, child, logFile) {
  return new Promise((resolve) => {
    const say = (/** @type {string} */ how) =>
      resolve(`${name} ended by itself (${how}); see ${relative(ROOT, logFile)}.`);
    child.once("error", (error) => say(error.message));
    child.once("exit", (code, signal) => say(signal ?? `exit code ${code}`));
  });
}

/**
 * @param {string} name
 * @param {string} logFile
 */
function didNotStart(name, logFile) {
  const log = readFileSync(logFile, "utf8").trim();
  return new CommandError(
    `${name} did not start:\n${lastLines(log || "(it said nothing)", 12)}`,
    `Correct what is named above (npm run demo -- --help lists the options). Log: ${relative(ROOT, logFile)}`,
  );
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {string} logFile
 */
function launchServer(args, env, logFile) {
  const log = openSync(logFile, "w", 0o600);
  const child = launch(process.execPath, [...END_WITH_PARENT, ...args], { env, stdio: ["ignore", "pipe", log, "ipc"] });
  closeSync(log);
  return child;
}

/**
 * The first line that a process prints, or null when it ends or `READY_MS` pass before.
 * @param {Child} child
 * @returns {Promise<string | null>}
 */
function firstLine(child) {
  return new Promise((resolve) => {
    let text = "";
    const patience = setTimeout(() => resolve(null), READY_MS);
    const settle = (/** @type {string | null} */ line) => {
      clearTimeout(patience);
      resolve(line);
    };
    child.once("close", () => settle(null));
    child.once("error", () => settle(null));
    child.stdout?.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) settle(text.slice(0, text.indexOf("\n")));
    });
  });
}

/**
 * @param {{ args: string[], logFile: string, onStart: (child: Child) => void }} options
 */
export async function startSimulator({ args, logFile, onStart }) {
  const main = join("lib", "simulator", "main.ts");
  const child = launchServer(["--import", "tsx", main, ...args, "--json"], process.env, logFile);
  onStart(child);
  const ended = whenEnded("The simulated cluster", child, logFile);
  const line = await firstLine(child);
  if (line === null) throw didNotStart("The simulated cluster", logFile);
  /** @type {{ agents: { address: string, zone: string }[], control: string }} */
  const { agents, control } = JSON.parse(line);
  // Two contacts per zone suffice: the console finds the others through them.
  const seen = new Map();
  const contacts = agents.filter(({ zone }) => {
    seen.set(zone, (seen.get(zone) ?? 0) + 1);
    return seen.get(zone) <= 2;
  });
  return { agents, contacts: contacts.map(({ address }) => address), control, ended };
}

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function answers(host, port) {
  return new Promise((resolve) => {
    const request = get({ host, port, path: "/", timeout: 2000 }, (response) => {
      response.resume();
      resolve(true);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
  });
}

/**
 * The built console as a child process; resolves when it answers.
 * @param {{
 *   config: string,
 *   host: string,
 *   port: number,
 *   administrator: { name: string, password: string },
 *   logFile: string,
 *   onStart: (child: Child) => void,
 * }} options
 */
export async function startConsole({ config, host, port, administrator, logFile, onStart }) {
  const env = withEnv({
    NODE_ENV: "production",
    HOSTNAME: host,
    PORT: String(port),
    STANDDOWN_CONFIG: config,
    STANDDOWN_ADMIN_NAME: administrator.name,
    STANDDOWN_ADMIN_PASSWORD: administrator.password,
    DATABASE_URL: "",
    STANDDOWN_KEY: "",
    NEXT_MANUAL_SIG_HANDLE: "true",
    NEXT_TELEMETRY_DISABLED: "1",
  });
  const child = launchServer([SERVER], env, logFile);
  onStart(child);
  child.stdout?.resume();
  const ended = whenEnded("The console", child, logFile);
  const until = Date.now() + READY_MS;
  while (!(await answers(host, port))) {
    if (hasEnded(child) || Date.now() > until) throw didNotStart("The console", logFile);
    await sleep(40);
  }
  return { ended };
}
