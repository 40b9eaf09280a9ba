import { runProgram } from "./program.mjs";

/**
 * Copies the embedded store to a new file, also while the console runs.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/audit/programs/backup.ts", args);
