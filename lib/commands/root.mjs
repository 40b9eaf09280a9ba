import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder, without a slash at its end. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");
/** Everything that the commands leave behind, ignored by git. */
export const WORK = join(ROOT, ".standdown");
export const SERVER = join(ROOT, ".next", "standalone", "server.js");

export const DEFAULT_PORT = 3210;
