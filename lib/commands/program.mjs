import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

/**
 * Runs a program of the house in TypeScript, with the terminal of whoever called: it may ask.
 * @param {string} file relative to the repository
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export function runProgram(file, args) {
  const options = ["--no-warnings", "--conditions=react-server", "--import", "tsx"];
  const child = spawn(process.execPath, [...options, join(ROOT, file), ...args], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
