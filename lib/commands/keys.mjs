import { runProgram } from "./program.mjs";

export const usage = `npm run keys -- status        which key the store needs, and which one is found
    npm run keys -- rotate        seal everything with a new key: STANDDOWN_NEW_KEY, or a new key file
    npm run keys -- start-over    go on with the key that is found when the right one is gone for good`;

/**
 * The key that everything secret in the store depends on. Reads the same configuration as npm start.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/clusters/keys.ts", args, usage);
