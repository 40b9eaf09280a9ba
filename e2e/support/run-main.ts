import { constants } from "node:os";

/** Runs a program to its exit code. What it started ends with this process, which a signal alone would not see to. */
export function runMain(main: () => Promise<number>, say: (line: string) => void): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  main().then(
    (code) => process.exit(code),
    (error: unknown) => {
      say(`✗ ${error instanceof Error ? error.message : String(error)}`);
      process.exit(2);
    },
  );
}
