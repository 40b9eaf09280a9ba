import "server-only";
import { config, ConfigError } from "../../config";
import { StoreFileError } from "../inspect-store";

/** Runs a program of the command line: what it prints is its answer, what was foreseen needs no stack. */
export function runProgram(program: (args: string[]) => Promise<number>): void {
  const refuse = (problem: string, next: string) => {
    process.stderr.write(`\n✗ ${problem}\n  → ${next}\n`);
    process.exitCode = 1;
  };
  Promise.resolve()
    .then(() => {
      config();
      return program(process.argv.slice(2));
    })
    .then(
      (code) => process.exit(code), // open connections would keep the process
      (error: unknown) => {
        if (error instanceof StoreFileError) refuse(`${error.message}.`, error.next);
        else if (error instanceof ConfigError) refuse(error.message, "Mend the configuration and run this again.");
        else refuse(error instanceof Error ? (error.stack ?? error.message) : String(error), "Nothing was changed.");
        process.exit(1);
      },
    );
}

/** Counts as people read them: `1,204`. */
export const counted = (count: number): string => count.toLocaleString("en");
