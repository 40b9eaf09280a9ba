import { parseArgs } from "node:util";
import { CommandError } from "./command-error.mjs";

/**
 * @template {NonNullable<import("node:util").ParseArgsConfig["options"]>} T
 * @param {string[]} args
 * @param {T} options
 * @param {string} usage
 */
export function readOptions(args, options, usage) {
  try {
    return parseArgs({ args, options, allowPositionals: false, strict: true }).values;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/\. To specify|\n/)[0] ?? "") : String(error);
    throw new CommandError(reason.replace(/\.?$/, "."), usage);
  }
}

/** @param {string} text @param {string} where */
export function readPort(text, where) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new CommandError(`${where} is “${text}”, which is not a port.`, "Give a number from 1 to 65535.");
}
