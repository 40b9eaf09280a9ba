import { ensureInstalled } from "./install.mjs";
import { launch, onStopSignal, stopProcess } from "./processes.mjs";

/**
 * A simulated cluster on its own; every option is the simulator's.
 * @param {string[]} args
 */
export async function run(args) {
  await ensureInstalled();
  const child = launch(process.execPath, ["--import", "tsx", "lib/simulator/main.ts", ...args], { stdio: "inherit" });
  onStopSignal(async () => {
    await stopProcess(child);
    return 0;
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}
