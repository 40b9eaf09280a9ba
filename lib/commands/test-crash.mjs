import { build, isBuilt } from "./build.mjs";
import { CommandError } from "./command-error.mjs";
import { ensureInstalled } from "./install.mjs";
import { readCount, readOptions } from "./options.mjs";
import { onStopSignal } from "./processes.mjs";
import { runProgram } from "./program.mjs";
import { lastLines } from "./terminal.mjs";

const ENGINES = ["embedded", "postgres"];
const MOST = { to: 10_000, isWhat: "which is no count" };

export const usage = `npm run test:crash -- [options]
    --kills N      how often a console is killed (default 8)
    --lanes N      how many of them at once (default 4)
    --engine NAME  ${ENGINES.join(" or ")} (default embedded)
    --json         the result as one line of JSON`;

/** @param {string[]} args */
export function readCrashOptions(args) {
  const text = /** @type {const} */ ("string");
  const options = {
    kills: { type: text, default: "8" },
    lanes: { type: text, default: "4" },
    engine: { type: text, default: "embedded" },
    json: { type: /** @type {const} */ ("boolean"), default: false },
  };
  const { kills, lanes, engine, json } = readOptions(args, options, usage);
  if (!ENGINES.includes(engine))
    throw new CommandError(`There is no engine “${engine}”.`, `Use one of: ${ENGINES.join(", ")}`);
  return { kills: readCount(kills, "--kills", MOST), lanes: readCount(lanes, "--lanes", MOST), engine, json };
}

/**
 * Kills built consoles around stops and checks what is left. Standard output is the result alone, so that it can be read
 * by a program; whatever else there is to say goes to standard error.
 * @param {string[]} args
 */
export async function run(args) {
  const options = readCrashOptions(args);
  onStopSignal(async () => 130);
  await ensureInstalled();
  if (!isBuilt()) {
    process.stderr.write("Building the console …\n");
    const { ok, output } = await build();
    if (!ok) throw new CommandError(`The build failed:\n${lastLines(output, 30)}`, "Mend what is named above.");
  }
  return runProgram("e2e/crash/main.ts", [JSON.stringify(options)], usage);
}
