import { runProgram } from "./program.mjs";

/**
 * The key that everything secret in the store depends on. Reads the same configuration as npm start.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/clusters/keys.ts", args);
