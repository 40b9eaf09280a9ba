import { build, isBuilt } from "./build.mjs";
import { CommandError } from "./command-error.mjs";
import { ensureInstalled } from "./install.mjs";
import { endWithNpm } from "./processes.mjs";
import { runProgram } from "./program.mjs";
import { lastLines } from "./terminal.mjs";

/**
 * Kills built consoles around stops and checks what is left. Standard output is the result alone, so that it can be read
 * by a program; whatever else there is to say goes to standard error.
 * @param {string[]} args
 */
export async function run(args) {
  endWithNpm();
  await ensureInstalled();
  if (!isBuilt()) {
    process.stderr.write("Building the console …\n");
    const { ok, output } = await build();
    if (!ok) throw new CommandError(`The build failed:\n${lastLines(output, 30)}`, "Mend what is named above.");
  }
  return runProgram("e2e/crash/main.ts", args);
}
