import { runProgram } from "./program.mjs";

/**
 * Puts a backup in the place of the embedded store, while nothing uses it.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/audit/programs/restore.ts", args);
