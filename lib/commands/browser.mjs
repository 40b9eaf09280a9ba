import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runToEnd } from "./processes.mjs";
import { ROOT } from "./root.mjs";
import { lastLines } from "./terminal.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FOLDERS = ["/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/homebrew/bin"];
const MAC_APPS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Chromium as this machine has it, or null. */
export function findBrowser(env = process.env) {
  const folders = [...(env.PATH ?? "").split(delimiter).filter(Boolean), ...FOLDERS];
  const files = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...MAC_APPS];
  return files.find(isExecutable) ?? null;
}

/** Debian's package, as root or with a sudo that asks for no password. Returns what apt said when it failed. */
async function installPackage() {
  if (!isExecutable("/usr/bin/apt-get")) return "no apt-get here";
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = async (/** @type {string[]} */ ...args) => {
    const [command = "", ...rest] = [
      ...asRoot,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      "-q",
      "-y",
      ...args,
    ];
    return runToEnd(command, rest);
  };
  await apt("update");
  const { ok, output } = await apt("install", "--no-install-recommends", "chromium");
  return ok ? null : lastLines(output, 4);
}

/** Playwright's own download. Returns what it said when it failed. */
async function downloadBrowser() {
  const cli = join(ROOT, "node_modules", "@playwright", "test", "cli.js");
  const { ok, output } = await runToEnd(process.execPath, [cli, "install", "chromium", "--only-shell"]);
  return ok ? null : lastLines(output, 4);
}

/**
 * Sees to a browser for the tests: STANDDOWN_BROWSER, this machine's, Debian's package, Playwright's download.
 * `file` is null for Playwright's own.
 * @returns {Promise<{ ok: true, file: string | null } | { ok: false, why: string }>}
 */
export async function ensureBrowser() {
  const wanted = process.env.STANDDOWN_BROWSER;
  if (wanted) {
    if (existsSync(wanted) && isExecutable(wanted)) return { ok: true, file: wanted };
    return { ok: false, why: `STANDDOWN_BROWSER is “${wanted}”, which is no program that can be run.` };
  }
  const found = findBrowser();
  if (found) return { ok: true, file: found };
  const packageTrouble = await installPackage();
  const installed = findBrowser();
  if (installed) return { ok: true, file: installed };
  const downloadTrouble = await downloadBrowser();
  if (downloadTrouble === null) return { ok: true, file: null };
  return {
    ok: false,
    why: `No Chromium here, and none could be had.\n  apt-get:\n${packageTrouble}\n  playwright install:\n${downloadTrouble}\n  → Install Chromium, or name one: STANDDOWN_BROWSER=/path/to/chromium npm test`,
  };
}
