import { runProgram } from "./program.mjs";

/**
 * The simulated cluster on its own. It knows its scenarios and versions, so it says itself what it takes.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/simulator/main.ts", args, "npm run simulator -- --help");
