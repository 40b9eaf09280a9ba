import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "./command-error.mjs";
import { ensureInstalled } from "./install.mjs";
import { readOptions } from "./options.mjs";
import { onStopSignal, runToEnd, withEnv } from "./processes.mjs";
import { ROOT, SERVER } from "./root.mjs";
import { hashSources } from "./sources.mjs";
import { lastLines, timed } from "./terminal.mjs";

/** What the standalone server needs. Next also copies what it believes that a path known only at run time could mean. */
const SHIPPED = new Set([".next", "node_modules", "package.json", "public", "server.js"]);
const STAMP = join(ROOT, ".next", "standdown-sources");

/**
 * The production build as it is shipped: Next's standalone server with the static files beside it.
 * @param {(text: string) => void} [onOutput]
 */
export async function build(onOutput) {
  rmSync(STAMP, { force: true });
  const sources = hashSources();
  const { ok, output } = await runToEnd(
    process.execPath,
    [join("node_modules", "next", "dist", "bin", "next"), "build"],
    {
      env: withEnv({ NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" }),
      onOutput,
    },
  );
  if (!ok) return { ok, output };
  const standalone = join(ROOT, ".next", "standalone");
  for (const name of readdirSync(standalone)) {
    if (!SHIPPED.has(name)) rmSync(join(standalone, name), { recursive: true });
  }
  cpSync(join(ROOT, ".next", "static"), join(standalone, ".next", "static"), { recursive: true });
  if (existsSync(join(ROOT, "public"))) cpSync(join(ROOT, "public"), join(standalone, "public"), { recursive: true });
  writeFileSync(STAMP, sources);
  return { ok, output };
}

export const isBuilt = () => existsSync(SERVER) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === hashSources();

/** Builds when the sources changed since the last build. */
export async function ensureBuilt() {
  if (isBuilt()) return;
  const { ok, output } = await timed("Building the console", () => build());
  if (ok) return;
  throw new CommandError(
    `The build failed:\n${lastLines(output, 30)}`,
    "If you changed the sources, mend what is named above; npm run verify says more. Then run this again.",
  );
}

export const usage = "npm run build    takes no options; it makes the production build that npm start runs";

/** @param {string[]} args */
export async function run(args) {
  readOptions(args, {}, usage);
  onStopSignal(async () => 130);
  await ensureInstalled();
  const { ok } = await build((text) => process.stdout.write(text));
  if (!ok) throw new CommandError("The build failed.", "Mend what is named above and build again.");
}
