import { join } from "node:path";
import { onStopSignal, runToEnd, withEnv } from "./processes.mjs";

/** What is measured comes after the stories and alone, or it would measure them. */
export const SUITES = ["stories", "speed"];

export const usage = `npm run e2e -- [options of playwright test]
    -g "part of a title"   only these; --project stories or speed: only that suite
    The suites run one after the other, the second also when something in the first has failed.`;

/**
 * Playwright's arguments for one suite. It waits for no other one: the order is ours, and a failure hides nothing.
 * @param {string} suite
 * @param {string[]} args
 */
export const suiteArgs = (suite, ...args) => [
  join("node_modules", "@playwright/test", "cli.js"),
  "test",
  `--project=${suite}`,
  "--no-deps",
  ...args,
];

/**
 * Every suite in turn, whatever became of the one before. A title may be in one of them alone, not in none.
 * @param {(suite: string) => Promise<{ ok: boolean, output: string }>} runSuite
 * @returns {Promise<boolean>} whether all that was asked for was there and held
 */
export async function runSuites(runSuite) {
  let allHold = true;
  let found = false;
  for (const suite of SUITES) {
    const { ok, output } = await runSuite(suite);
    const isEmpty = output.includes("No tests found");
    if (!isEmpty) found = true;
    if (!ok && !isEmpty) allHold = false;
  }
  return allHold && found;
}

/** @param {string[]} args */
export async function run(args) {
  onStopSignal(async () => 130);
  const env = withEnv({ [process.stdout.isTTY ? "FORCE_COLOR" : "NO_COLOR"]: "1" });
  const onOutput = (/** @type {string} */ text) => process.stdout.write(text);
  const play = (/** @type {string[]} */ words) => runToEnd(process.execPath, words, { env, onOutput });
  const asked = SUITES.find((suite) => args.join(" ").match(`--project[= ]${suite}\\b`));
  const ok = asked
    ? (await play(suiteArgs(asked, ...args.filter((word) => word !== asked && !word.startsWith("--project"))))).ok
    : await runSuites((suite) => play(suiteArgs(suite, ...args)));
  return ok ? 0 : 1;
}
