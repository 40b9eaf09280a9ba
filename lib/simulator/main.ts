import { startSimulator, type Simulator } from "./cluster";
import { openControl } from "./control";
import { PortRefused } from "./listener";
import { asksForHelp, BadOption, readOptions, USAGE } from "./options";

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) return console.log(USAGE);
  const { json, ...options } = readOptions(args);
  const simulator = await startSimulator(options);
  const control = await openControl(simulator);
  const stop = (): void => {
    void Promise.all([simulator.close(), control.close()]).finally(() => process.exit(0));
  };
  // Not once: npm passes a Ctrl-C on, so the same wish arrives twice.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, stop);
  console.log(json ? asJson(simulator, control.url) : asText(simulator, control.url));
}

const asJson = ({ cluster, password, agents }: Simulator, control: string): string =>
  JSON.stringify({ cluster, password, agents, control });

const SHOWN_AGENTS = 12;

function asText({ cluster, password, agents }: Simulator, control: string): string {
  const shown = agents.slice(0, SHOWN_AGENTS).map(({ address, zone }) => `  ${zone}  http://${address}`);
  const more = agents.length - shown.length;
  return [
    `Simulated cluster ${cluster} with ${agents.length} agents`,
    `Password of root@sys: ${password}`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
    `Faults and requests: ${control}`,
    "Stop it with Ctrl+C.",
  ].join("\n");
}

main().catch((error: unknown) => {
  if (error instanceof BadOption) console.error(`\n✗ ${error.message}`);
  else if (error instanceof PortRefused)
    console.error(
      `\n✗ ${error.message}\n  → Choose another --base-port (and --ips), or leave it out to take any free ports.`,
    );
  else console.error(error);
  process.exit(error instanceof BadOption ? 2 : 1);
});
