import { runProgram } from "./program.mjs";

export const usage = `npm run admin -- create NAME [--role viewer|operator|administrator] [--password-stdin]
    npm run admin -- reset-password NAME [--password-stdin]
    npm run admin -- list

    --role            what a new person may do everywhere (default administrator)
    --password-stdin  the password is the first line of standard input; else it is asked for, or made up`;

/**
 * People of the console, for whoever runs it: also when nobody can sign in. Reads the same configuration as npm start.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/auth/admin.ts", args, usage);
