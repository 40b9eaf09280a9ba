import { CommandError } from "./command-error.mjs";
import { readCount, readOptions } from "./options.mjs";
import { runOnBuild } from "./run-on-build.mjs";

export const ENGINES = ["embedded", "postgres"];
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
  const asked = readEngine(engine);
  return { kills: readCount(kills, "--kills", MOST), lanes: readCount(lanes, "--lanes", MOST), engine: asked, json };
}

/** @param {string} engine */
export function readEngine(engine) {
  if (ENGINES.includes(engine)) return engine;
  throw new CommandError(`There is no engine “${engine}”.`, `Use one of: ${ENGINES.join(", ")}`);
}

/**
 * Kills built consoles around stops and checks what is left. Standard output is the result alone, so that it can be read
 * by a program; whatever else there is to say goes to standard error.
 * @param {string[]} args
 */
export const run = (args) => runOnBuild("e2e/crash/main.ts", readCrashOptions(args), usage);
