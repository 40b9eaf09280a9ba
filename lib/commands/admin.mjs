import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

/**
 * People of the console, for whoever runs it: also when nobody can sign in. Reads the same configuration as npm start.
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export function run(args) {
  const program = join(ROOT, "lib", "auth", "admin.ts");
  const child = spawn(
    process.execPath,
    ["--no-warnings", "--conditions=react-server", "--import", "tsx", program, ...args],
    { stdio: "inherit" }, // it asks for a password
  );
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
