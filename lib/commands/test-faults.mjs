import { CommandError } from "./command-error.mjs";
import { readCount, readOptions } from "./options.mjs";
import { runOnBuild } from "./run-on-build.mjs";
import { ENGINES, readEngine } from "./test-crash.mjs";

/** What e2e/faults/kinds.ts knows how to do. */
export const FAULTS = [
  "clock-jump",
  "connections-cut",
  "database-freeze",
  "database-restart",
  "disk-full",
  "file-lock",
  "flapping-agents",
  "lost-agent-store",
  "lost-answer",
  "read-only",
  "replicas-apart",
  "sigterm-in-send",
  "slow-answer",
  "zombie-cancel",
  "zombie-release",
  "zombie-stop",
];
const MOST = { to: 1_000, isWhat: "which is no count" };

export const usage = `npm run test:faults -- [options]
    --engine NAME  ${ENGINES.join(" or ")} (default embedded)
    --rounds N     how often each fault is made (default 3)
    --lanes N      how many faults are at work at once (default 4)
    --only NAMES   these alone, with commas: ${FAULTS.slice(0, 6).join(", ")},
                   ${FAULTS.slice(6, 11).join(", ")},
                   ${FAULTS.slice(11).join(", ")}
    --short        each lasts as briefly as makes sense
    --json         one line of JSON for each fault`;

/** @param {string[]} args */
export function readFaultOptions(args) {
  const text = /** @type {const} */ ("string");
  const flag = /** @type {const} */ ("boolean");
  const options = {
    engine: { type: text, default: "embedded" },
    rounds: { type: text, default: "3" },
    lanes: { type: text, default: "4" },
    only: { type: text, default: "" },
    short: { type: flag, default: false },
    json: { type: flag, default: false },
  };
  const { engine, rounds, lanes, only, short, json } = readOptions(args, options, usage);
  const names = only.split(",").filter((name) => name !== "");
  const unknown = names.find((name) => !FAULTS.includes(name));
  if (unknown !== undefined)
    throw new CommandError(`There is no fault “${unknown}”.`, `Use some of: ${FAULTS.join(", ")}`);
  return {
    engine: readEngine(engine),
    rounds: readCount(rounds, "--rounds", MOST),
    lanes: readCount(lanes, "--lanes", MOST),
    ...{ only: names, short, json },
  };
}

/**
 * Makes faults around stops of built consoles and compares what is said afterwards with what the agents got. Standard
 * output is the result alone, one line for each fault; whatever else there is to say goes to standard error.
 * @param {string[]} args
 */
export const run = (args) => runOnBuild("e2e/faults/main.ts", readFaultOptions(args), usage);
