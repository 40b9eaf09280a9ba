import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "./command-error.mjs";
import { runToEnd, withEnv } from "./processes.mjs";
import { ROOT } from "./root.mjs";
import { lastLines, timed } from "./terminal.mjs";

/** @typedef {{ version?: string, optional?: boolean, os?: string[], cpu?: string[], link?: boolean }} LockedPackage */

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage> | null}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? null;
  } catch {
    return null;
  }
}

/**
 * Is exactly what the lock file names installed, for this kind of machine? npm writes its own record of what it
 * installed last of all, so an interrupted installation has none.
 * @param {Record<string, LockedPackage> | null} locked
 * @param {Record<string, LockedPackage> | null} installed
 */
export function matchesLock(locked, installed) {
  if (!locked || !installed) return false;
  for (const [path, { version, os, cpu }] of Object.entries(installed)) {
    if (locked[path]?.version !== version) return false;
    if (os && !os.includes(process.platform)) return false;
    if (cpu && !cpu.includes(process.arch)) return false;
  }
  return Object.entries(locked).every(([path, { optional }]) => path === "" || optional || path in installed);
}

export const isInstalled = (root = ROOT) =>
  matchesLock(
    readPackages(join(root, "package-lock.json")),
    readPackages(join(root, "node_modules", ".package-lock.json")),
  );

/** npm as this process was started with it, else the one on the path. */
function npm() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli) && existsSync(cli)) return { command: process.execPath, args: [cli] };
  return { command: "npm", args: [] };
}

/** Installs what the lock file names when it is not there yet. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  const { command, args } = npm();
  // Build tools are needed whatever NODE_ENV says; engine-strict would refuse test tools that the console does without.
  const flags = ["--include=dev", "--include=optional", "--engine-strict=false", "--no-fund", "--no-audit"];
  const { ok, output } = await timed("Installing packages from package-lock.json", () =>
    runToEnd(command, [...args, "ci", ...flags], {
      env: withEnv({ NODE_ENV: "development", npm_config_loglevel: "error" }),
    }),
  );
  if (ok) return;
  throw new CommandError(
    `npm ci failed:\n${lastLines(output, 15)}`,
    "Check that the npm registry can be reached (npm ping) and that the disk has 1 GB to spare, then run this again.",
  );
}
