import { runProgram } from "./program.mjs";

export const usage =
  "npm run backup -- FILE    a copy of the embedded store in a new file, also while the console runs";

/**
 * Copies the embedded store to a new file, also while the console runs.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/audit/programs/backup.ts", args, usage);
