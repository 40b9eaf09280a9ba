import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./root.mjs";

const PARENT_POLL_MS = 100;

/** The signals by which somebody, a terminal that is closed included, asks a process to end. */
export const STOP_SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** Arguments of a Node child with a channel to this process: it ends when this one is gone, also when it was killed. */
export const END_WITH_PARENT = ["--import", pathToFileURL(join(ROOT, "lib", "commands", "end-with-parent.mjs")).href];

/**
 * Child processes that end with this one. Each is the head of its own process group, so a Ctrl-C in the terminal
 * reaches only this process, which then stops them in its own order.
 * @type {Set<import("node:child_process").ChildProcess>}
 */
const running = new Set();

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  try {
    if (process.platform !== "win32" && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // Already gone.
  }
}

process.on("exit", () => {
  for (const child of running) signalGroup(child, "SIGKILL");
});

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 */
export function launch(command, args, options = {}) {
  const child = spawn(command, args, { cwd: ROOT, detached: process.platform !== "win32", ...options });
  running.add(child);
  const forget = () => running.delete(child);
  child.once("exit", forget);
  child.once("error", forget);
  return child;
}

/**
 * This process's environment with some of it set differently.
 * @param {Record<string, string>} changes
 * @returns {NodeJS.ProcessEnv}
 */
export const withEnv = (changes) => Object.assign({ ...process.env }, changes);

/** @param {import("node:child_process").ChildProcess} child */
export const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

/**
 * Asks the process to end and, when it has not after `graceMs`, kills its group. Resolves when it is gone.
 * @param {import("node:child_process").ChildProcess} child
 * @param {number} [graceMs]
 * @returns {Promise<void>}
 */
export function stopProcess(child, graceMs = 5000) {
  if (hasEnded(child)) return Promise.resolve();
  return new Promise((resolve) => {
    const kill = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
    child.once("exit", () => {
      clearTimeout(kill);
      resolve();
    });
    child.kill("SIGTERM");
  });
}

/**
 * Runs to the end and keeps what was printed. `onOutput` sees it as it comes.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runToEnd(command, args, { env = process.env, cwd = ROOT, onOutput } = {}) {
  return new Promise((resolve) => {
    let output = "";
    const child = launch(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        output += text;
        onOutput?.(text);
      });
    }
    child.once("error", (error) => resolve({ ok: false, output: `${command}: ${error.message}\n` }));
    child.once("close", (code) => resolve({ ok: code === 0, output }));
  });
}

/**
 * Calls `stop` once on the first signal that asks this process to end, then ends it. npm passes a Ctrl-C on, so the
 * same wish arrives twice; one that comes a second later is impatience and ends at once.
 * @param {(signal: NodeJS.Signals) => Promise<number>} stop
 */
export function onStopSignal(stop) {
  endWithNpm();
  let askedAt = 0;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      if (askedAt > 0) {
        if (Date.now() - askedAt > 1000) process.exit(128 + constants.signals[signal]);
        return;
      }
      askedAt = Date.now();
      stop(signal).then(
        (code) => process.exit(code),
        () => process.exit(1),
      );
    });
  }
}

/**
 * npm passes SIGINT and SIGTERM on (the scripts say `exec`, so that no shell stands between), but a npm that was killed
 * outright cannot: its end is the same wish.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, PARENT_POLL_MS);
  watch.unref();
}
