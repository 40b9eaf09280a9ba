import { build, isBuilt } from "./build.mjs";
import { CommandError } from "./command-error.mjs";
import { ensureInstalled } from "./install.mjs";
import { onStopSignal } from "./processes.mjs";
import { runProgram } from "./program.mjs";
import { lastLines } from "./terminal.mjs";

/**
 * Runs a test program that starts built consoles; builds first when that is due. Standard output is the program's alone.
 * @param {string} file
 * @param {object} options
 * @param {string} usage
 */
export async function runOnBuild(file, options, usage) {
  onStopSignal(async () => 130);
  await ensureInstalled();
  if (!isBuilt()) {
    process.stderr.write("Building the console …\n");
    const { ok, output } = await build();
    if (!ok) throw new CommandError(`The build failed:\n${lastLines(output, 30)}`, "Mend what is named above.");
  }
  return runProgram(file, [JSON.stringify(options)], usage);
}
