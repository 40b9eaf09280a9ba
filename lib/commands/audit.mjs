import { runProgram } from "./program.mjs";

export const usage = "npm run audit -- verify    says whether the record is what was written, or which row is not";

/**
 * Says whether the audit's chain holds, or which row is wrong, on either engine.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/audit/programs/audit.ts", args, usage);
