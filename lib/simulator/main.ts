import { startSimulator, type Simulator } from "./cluster";
import { openControl } from "./control";
import { BadOption, readOptions } from "./options";

async function main(): Promise<void> {
  const { json, ...options } = readOptions(process.argv.slice(2));
  const simulator = await startSimulator(options);
  const control = await openControl(simulator);
  console.log(json ? asJson(simulator, control.url) : asText(simulator, control.url));
  const stop = (): void => {
    void Promise.all([simulator.close(), control.close()]).finally(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
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
  console.error(error instanceof BadOption ? error.message : error);
  process.exit(error instanceof BadOption ? 2 : 1);
});
