import { runProgram } from "./program.mjs";

/**
 * People of the console, for whoever runs it: also when nobody can sign in. Reads the same configuration as npm start.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/auth/admin.ts", args);
