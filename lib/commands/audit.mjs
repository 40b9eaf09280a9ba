import { runProgram } from "./program.mjs";

/**
 * Says whether the audit's chain holds, or which row is wrong, on either engine.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/audit/programs/audit.ts", args);
