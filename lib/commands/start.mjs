import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandError } from "./command-error.mjs";
import { requireFreePort } from "./host.mjs";
import { readOptions, readPort } from "./options.mjs";
import { endWithNpm } from "./processes.mjs";
import { DEFAULT_PORT, SERVER } from "./root.mjs";

export const usage = `npm start    takes no options; it reads, besides the configuration file,
    PORT, STANDDOWN_HOST   where it listens (default 127.0.0.1:${DEFAULT_PORT})
    STANDDOWN_CONFIG       the configuration file (default standdown.config.json, if it is there)
    DATABASE_URL           a PostgreSQL for the store (default a file)
    README.md lists every other variable`;

/**
 * Runs the built console in this very process, so that signals reach it and nothing can be left over.
 * @param {string[]} args
 */
export async function run(args) {
  readOptions(args, {}, usage);
  const host = process.env.STANDDOWN_HOST?.trim() || "127.0.0.1"; // whether that is safe to serve, the console itself decides
  const port = readPort(process.env.PORT?.trim() || String(DEFAULT_PORT), "PORT");
  // Next's server changes the working folder, so a relative path is settled before.
  const config = process.env.STANDDOWN_CONFIG?.trim();
  const named = config && resolve(config);
  if (named && !existsSync(named)) {
    throw new CommandError(
      `There is no configuration file ${named}.`,
      "Write one as README.md shows, or name another with STANDDOWN_CONFIG. To look around first: npm run demo",
    );
  }
  if (!existsSync(SERVER)) throw new CommandError("The console is not built yet.", "Run npm run build first.");
  await requireFreePort(host, port, "Choose another with PORT=3211 npm start, or stop what listens there.");
  Object.assign(process.env, {
    HOSTNAME: host,
    PORT: String(port),
    STANDDOWN_HOME: process.cwd(),
    ...(named ? { STANDDOWN_CONFIG: named } : {}),
    NEXT_MANUAL_SIG_HANDLE: "true",
  });
  endWithNpm();
  await import(pathToFileURL(SERVER).href);
}
