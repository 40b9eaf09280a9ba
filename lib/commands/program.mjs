import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { CommandError } from "./command-error.mjs";
import { END_WITH_PARENT, endWithNpm, STOP_SIGNALS } from "./processes.mjs";
import { ROOT } from "./root.mjs";

/** With this a program ends that does not understand its command line. It has said why; what it takes is said here. */
const MISUSED = 64;

/**
 * Runs a program of the house in TypeScript, with the terminal of whoever called: it may ask. It ends with this process,
 * whatever ends this one.
 * @param {string} file relative to the repository
 * @param {string[]} args
 * @param {string} usage
 * @returns {Promise<number>} the exit code
 */
export async function runProgram(file, args, usage) {
  if (!existsSync(join(ROOT, "node_modules", "tsx")))
    throw new CommandError("The packages of Standdown are not installed.", "Run npm ci first.");
  endWithNpm();
  const options = ["--no-warnings", "--conditions=react-server", ...END_WITH_PARENT, "--import", "tsx"];
  // In the group of this process, unlike servers: a program outside the terminal's foreground group cannot ask.
  const child = spawn(process.execPath, [...options, join(ROOT, file), ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of STOP_SIGNALS) process.on(signal, () => child.kill(signal));
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  if (code !== MISUSED) return code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
  process.stderr.write(`  → ${usage}\n`);
  return 1;
}
