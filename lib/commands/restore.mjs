import { runProgram } from "./program.mjs";

export const usage = `npm run restore -- FILE          puts a backup in the place of the embedded store, while nothing uses it
    npm run restore -- --restored    on PostgreSQL, after pg_restore: closes what had not ended in the backup`;

/**
 * Puts a backup in the place of the embedded store, while nothing uses it.
 * @param {string[]} args
 */
export const run = (args) => runProgram("lib/audit/programs/restore.ts", args, usage);
