import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBrowser } from "./browser.mjs";
import { build } from "./build.mjs";
import { SUITES, suiteArgs } from "./e2e.mjs";
import { ensureInstalled } from "./install.mjs";
import { readOptions } from "./options.mjs";
import { onStopSignal, runToEnd, withEnv } from "./processes.mjs";
import { add, countBrowserTests, countUnitTests, none, readReport, summary } from "./results.mjs";
import { WORK } from "./root.mjs";
import { say, seconds } from "./terminal.mjs";

const REPORTS = join(WORK, "reports");
const UNIT_REPORT = join(REPORTS, "unit.json");
const browserReport = (/** @type {string} */ suite) => join(REPORTS, `${suite}.json`);
const HEARTBEAT_MS = 30_000;
/** The tools see a pipe, whatever this command writes to. */
const COLOUR = { [process.stdout.isTTY ? "FORCE_COLOR" : "NO_COLOR"]: "1" };

/** @typedef {{ ok: boolean, output: string }} Outcome */
/** @typedef {(onOutput?: (text: string) => void) => Promise<Outcome>} Work */

/**
 * @param {string} file inside node_modules
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Work}
 */
const tool =
  (file, args, env = {}) =>
  (onOutput) =>
    runToEnd(process.execPath, [join("node_modules", file), ...args], {
      env: withEnv({ ...COLOUR, ...env }),
      onOutput,
    });

/**
 * One after the other, ended by the first that fails.
 * @param {Work[]} works
 * @returns {Work}
 */
const inTurn =
  (...works) =>
  async (onOutput) => {
    let output = "";
    for (const work of works) {
      const outcome = await work(onOutput);
      output += outcome.output;
      if (!outcome.ok) return { ok: false, output };
    }
    return { ok: true, output };
  };

/** @type {(suite: string) => Work} */
const browserTests = (suite) => async (onOutput) => {
  const browser = await ensureBrowser();
  if (!browser.ok) return { ok: false, output: `${browser.why}\n` };
  onOutput?.(`  with ${browser.file ?? "Playwright's Chromium"}\n`);
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: browserReport(suite), STANDDOWN_BROWSER: browser.file ?? "", ...COLOUR };
  return runToEnd(process.execPath, suiteArgs(suite, "--reporter=list,json"), { env: withEnv(env), onOutput });
};

/** Consoles killed around stops, a few times; `npm run test:crash` does it as often as is wanted.
 * @param {string} engine
 * @param {(text: string) => void} [onOutput]
 */
const crashes = (engine, onOutput) =>
  runToEnd(process.execPath, [join("lib", "commands", "run.mjs"), "test-crash", "--kills", "4", "--engine", engine], {
    onOutput,
  });

/** Each fault once, as briefly as makes sense; `npm run test:faults` makes them as often and as long as is wanted.
 * @param {string} engine
 * @param {(text: string) => void} [onOutput]
 */
const faults = (engine, onOutput) =>
  runToEnd(
    process.execPath,
    [join("lib", "commands", "run.mjs"), "test-faults", "--short", "--rounds", "1", "--engine", engine],
    { onOutput },
  );

/**
 * A step: what it needs to have gone well to make sense, whether its output is shown as it comes (else on failure only),
 * and whether it is a test of its own, which no runner's report counts.
 * @typedef {{ name: string, work: Work, quick?: boolean, needs?: string, live?: boolean, isTest?: boolean }} Step
 */

/** Where the quick half remembers what it has checked; the whole run trusts no memory. */
const CACHE = join(WORK, "cache");
const remember = (/** @type {boolean} */ quick, /** @type {string} */ name) =>
  quick ? ["--cache", "--cache-strategy=content", `--cache-location=${join(CACHE, name)}`] : [];

/**
 * Quiet checks, two at a time; the longest comes first.
 * @param {boolean} quick
 * @returns {Step[]}
 */
const checks = (quick) => [
  { name: "lint", work: tool("eslint/bin/eslint.js", ["--max-warnings=0", ...remember(quick, "eslint"), "."]) },
  { name: "types", work: inTurn(tool("next/dist/bin/next", ["typegen"]), tool("typescript/bin/tsc", ["--noEmit"])) },
  {
    name: "format",
    work: tool("prettier/bin/prettier.cjs", ["--check", "--log-level=warn", ...remember(quick, "prettier"), "."]),
  },
  { name: "unused code", work: tool("knip/bin/knip.js", ["--no-progress"]) },
];

/**
 * One after the other: each may have the machine for itself.
 * @param {boolean} quick
 * @returns {Step[]}
 */
const steps = (quick) => [
  {
    name: quick ? "unit tests (the quick ones, on SQLite; npm test has them all)" : "unit tests",
    quick: true,
    live: true,
    work: tool(
      "vitest/vitest.mjs",
      ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${UNIT_REPORT}`],
      { NODE_ENV: "test", STANDDOWN_QUICK: quick ? "1" : "" },
    ),
  },
  { name: "production build", work: build },
  {
    name: "bundle budget",
    needs: "production build",
    live: true,
    work: (onOutput) => runToEnd(process.execPath, [join("lib", "commands", "run.mjs"), "budget"], { onOutput }),
  },
  ...["embedded", "postgres"].map((engine) => ({
    name: `crashes on the ${engine} store`,
    needs: "production build",
    live: true,
    isTest: true,
    work: (/** @type {((text: string) => void) | undefined} */ onOutput) => crashes(engine, onOutput),
  })),
  ...["embedded", "postgres"].map((engine) => ({
    name: `faults on the ${engine} store`,
    needs: "production build",
    live: true,
    isTest: true,
    work: (/** @type {((text: string) => void) | undefined} */ onOutput) => faults(engine, onOutput),
  })),
  ...SUITES.map((suite) => ({
    name: `browser tests: ${suite}`,
    needs: "production build",
    live: true,
    work: browserTests(suite),
  })),
];

/** @param {Step} step */
async function report({ name, live, work }) {
  const startedAt = Date.now();
  say(`▸ ${name}`);
  const heartbeat = live ? null : setInterval(() => say(`  … ${name} ${seconds(startedAt)}`), HEARTBEAT_MS);
  const outcome = await work(live ? (text) => process.stdout.write(text) : undefined);
  if (heartbeat) clearInterval(heartbeat);
  if (!outcome.ok && !live) process.stdout.write(outcome.output);
  say(`${outcome.ok ? "✓" : "✗"} ${name} ${seconds(startedAt)}`);
  return outcome.ok;
}

/**
 * @param {Step[]} steps
 * @param {string[]} failed
 */
async function runInLanes(steps, failed) {
  const waiting = [...steps];
  const lane = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) if (!(await report(step))) failed.push(step.name);
  };
  await Promise.all([lane(), lane()]);
}

export const usage = `npm test          every check: format, lint, types, unit tests, build, budget, crashes, faults, browser tests
    npm run verify    the quick half, without build and browser (--quick)
    One file: npm run unit -- FILE. One browser story after npm run build: npm run e2e -- -g "part of its title"`;

/**
 * Every check, each reported even when an earlier one failed. `--quick` leaves out build and browser.
 * @param {string[]} args
 */
export async function run(args) {
  const startedAt = Date.now();
  const { quick } = readOptions(args, { quick: { type: "boolean", default: false } }, usage);
  onStopSignal(async () => 130);
  await ensureInstalled();
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });

  /** @type {string[]} */
  const failed = [];
  const own = none();
  await runInLanes(checks(quick), failed);
  for (const step of steps(quick).filter((candidate) => candidate.quick || !quick)) {
    if (step.needs !== undefined && failed.includes(step.needs)) {
      say(`– ${step.name}: not run, because the ${step.needs} failed`);
      failed.push(step.name);
    } else {
      const ok = await report(step);
      if (!ok) failed.push(step.name);
      if (step.isTest) own[ok ? "passed" : "failed"] += 1;
    }
  }

  const unit = countUnitTests(readReport(UNIT_REPORT));
  const browser = SUITES.map((suite) => countBrowserTests(readReport(browserReport(suite))));
  const counts = [unit, own, ...browser].reduce(add);
  if (counts.passed + counts.failed === 0) failed.push("no test ran");
  say(
    failed.length > 0 ? `\nFailed: ${failed.join(", ")} (${seconds(startedAt)})` : `\nAll good (${seconds(startedAt)})`,
  );
  say(summary(counts));
  return failed.length > 0 || counts.failed > 0 ? 1 : 0;
}
