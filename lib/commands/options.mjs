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

/**
 * Somebody asks what a command takes; nothing else of the line matters then.
 * @param {string[]} args
 */
export function asksForHelp(args) {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).some((arg) => arg === "--help" || arg === "-h");
}

/** @param {string} text @param {string} where */
export function readPort(text, where) {
  return readCount(text, where, { to: 65_535, isWhat: "which is not a port" });
}

/**
 * @param {string} text
 * @param {string} where
 * @param {{ to: number, isWhat: string }} bounds
 */
export function readCount(text, where, { to, isWhat }) {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= to) return count;
  throw new CommandError(`${where} is “${text}”, ${isWhat}.`, `Give a number from 1 to ${to}.`);
}
