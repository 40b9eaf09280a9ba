import "server-only";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { config, ConfigError } from "../../config";
import { closeStore } from "../../db/store";
import { failureText } from "../../failure-text";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Line<T extends Options> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>;

/** The command line is not what the program takes; the command that ran it says what that is. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** A foreseen end of a program: what happened, and what to do next. */
export class ProgramError extends Error {
  override name = "ProgramError";
  constructor(
    problem: string,
    readonly next: string,
  ) {
    super(problem);
  }
}

const MISUSED = 64;
const CHECK_THE_FILE =
  "Check that it exists, that this account may use it and that the disk has space, then try again.";
const CHECK_THE_SERVER = "Check DATABASE_URL, and that its PostgreSQL runs and lets this account in, then try again.";

/**
 * Runs a program of the command line: what it prints is its answer, what was foreseen needs no stack. Nothing is opened
 * before the line is understood.
 */
export function runProgram<T extends Options>(options: T, program: (line: Line<T>) => Promise<number>): void {
  void Promise.resolve()
    .then(() => {
      const line = parseArgs({ args: process.argv.slice(2), options, allowPositionals: true });
      config();
      return program(line);
    })
    .catch(explain)
    .then(async (code) => {
      await closeStore().catch(() => undefined);
      process.exit(code); // open connections would keep the process
    });
}

/** Says what ended the program, and with which code it ends. */
function explain(error: unknown): number {
  const misuse = misuseOf(error);
  if (misuse !== null) {
    process.stderr.write(`\n✗ ${misuse}\n`);
    return MISUSED;
  }
  const { problem, next } = describe(error);
  process.stderr.write(`\n✗ ${problem}\n  → ${next}\n`);
  return 1;
}

function misuseOf(error: unknown): string | null {
  if (error instanceof UsageError) return error.message;
  const isFromParser = error instanceof TypeError && "code" in error && /^ERR_PARSE_ARGS/.test(String(error.code));
  return isFromParser ? `${error.message.split(/\. To specify|\n/)[0]?.replace(/\.?$/, ".")}` : null;
}

function describe(error: unknown): { problem: string; next: string } {
  const told = failureText(error);
  if (told) return told;
  if (!(error instanceof Error)) return { problem: String(error), next: "Report this line." };
  if (error instanceof ConfigError)
    return { problem: error.message, next: "Mend the configuration and run this again." };
  if ("next" in error && typeof error.next === "string")
    return { problem: error.message.replace(/\.?$/, "."), next: error.next };
  // The system, or the database, refused; a stack would say nothing about why.
  if ("code" in error && typeof error.code === "string")
    return {
      problem: error.message || error.code,
      next: process.env.DATABASE_URL && !("path" in error) ? CHECK_THE_SERVER : CHECK_THE_FILE,
    };
  return {
    problem: error.stack ?? error.message,
    next: "How far it got is not known: look before you run it again, and report the lines above.",
  };
}

/** Counts as people read them: `1,204`. */
export const counted = (count: number): string => count.toLocaleString("en");
