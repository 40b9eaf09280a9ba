import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { CommandError } from "./command-error.mjs";
import { readOptions } from "./options.mjs";
import { ROOT } from "./root.mjs";
import { say } from "./terminal.mjs";

const KIB = 1024;
const ROUTES = ["/clusters/[clusterId]", "/clusters/[clusterId]/runs/[runId]"];
const LIMITS = { aboveEmpty: 70 * KIB, total: 220 * KIB };
/** Texts that survive minification, of packages that belong on the server. */
const NOT_IN_THE_BROWSER = { zod: /unrecognized_keys|\$ZodError/, "node-forge": /RSAES-PKCS1-V1_5/ };

/** @typedef {{ route: string, total: number, aboveEmpty: number }} RouteSize */

/** @param {string} file @returns {any} a manifest of Next's build, whose readers below ask for what they need */
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/**
 * What a page without any component of ours loads: the framework, and what Next's own last-resort error page names,
 * which has not even our root layout around it. The polyfills are no part of it: current browsers leave them.
 * @param {string} next the build folder
 * @returns {string[]}
 */
function emptyPageChunks(next) {
  /** @type {{ __RSC_MANIFEST?: any }} */
  const world = {};
  const file = join(next, "server", "app", "_global-error", "page_client-reference-manifest.js");
  runInNewContext(readFileSync(file, "utf8"), Object.assign(world, { globalThis: world }));
  const own = Object.values(world.__RSC_MANIFEST["/_global-error/page"].entryJSFiles).flat();
  return [...new Set([...readJson(join(next, "build-manifest.json")).rootMainFiles, ...own])];
}

/**
 * First-load JavaScript by route, gzip, from what Next records of its own build.
 * @param {string} next the build folder
 * @param {string[]} routes
 * @returns {RouteSize[]}
 */
export function measureRoutes(next, routes = ROUTES) {
  /** @param {string[]} chunks relative to the build folder */
  const size = (chunks) =>
    chunks.reduce((sum, chunk) => sum + gzipSync(readFileSync(join(next, chunk)), { level: 9 }).length, 0);
  const empty = size(emptyPageChunks(next));
  /** @type {{ route: string, firstLoadChunkPaths: string[] }[]} */
  const stats = readJson(join(next, "diagnostics", "route-bundle-stats.json"));
  return routes.map((route) => {
    const chunks = stats.find((stat) => stat.route === route)?.firstLoadChunkPaths;
    if (!chunks)
      throw new CommandError(
        `The build has no page ${route}.`,
        "Name the pages to be measured in lib/commands/budget.mjs.",
      );
    const total = size(chunks.map((chunk) => chunk.replace(/^\.next\//, "")));
    return { route, total, aboveEmpty: total - empty };
  });
}

/**
 * @param {string} next the build folder
 * @returns {string[]} which server packages came along, and where
 */
export function findServerPackages(next) {
  const files = readdirSync(join(next, "static"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".js"),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(next, "static", file), "utf8");
    return Object.entries(NOT_IN_THE_BROWSER)
      .filter(([, trace]) => trace.test(text))
      .map(([name]) => `${name} is in the browser's ${file}`);
  });
}

/** @param {number} bytes */
const kib = (bytes) => `${(bytes / KIB).toFixed(1)} KiB`;

export const usage = "node lib/commands/run.mjs budget    takes no options; it measures what the main pages load";

/** @param {string[]} args */
export async function run(args) {
  readOptions(args, {}, usage);
  const next = join(ROOT, ".next");
  if (!existsSync(join(next, "diagnostics")))
    throw new CommandError("There is no build to measure.", "Run npm run build first.");
  const problems = findServerPackages(next);
  for (const { route, total, aboveEmpty } of measureRoutes(next)) {
    say(
      `  ${route}: ${kib(total)} in all (limit ${kib(LIMITS.total)}), ${kib(aboveEmpty)} above an empty page (limit ${kib(LIMITS.aboveEmpty)})`,
    );
    if (total > LIMITS.total || aboveEmpty > LIMITS.aboveEmpty) problems.push(`${route} loads too much JavaScript`);
  }
  if (problems.length > 0) {
    throw new CommandError(problems.join("\n  "), "Load it lazily, import only its types, or do without the package.");
  }
}
