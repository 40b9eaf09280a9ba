import { test as base } from "@playwright/test";
import type { Environment } from "../../lib/clusters/schema";
import { startSimulator } from "../../lib/simulator/cluster";
import { startConsole, type Console } from "./console";
import { signInBrowser } from "./sign-in";

type Simulator = Awaited<ReturnType<typeof startSimulator>>;
type SimulatorOptions = Parameters<typeof startSimulator>[0];

export interface StanddownOptions {
  scenario: SimulatorOptions["scenario"];
  environment?: Environment;
  /** How much faster than life the agents' tasks run. */
  timeScale?: number;
  version?: SimulatorOptions["version"];
  clusterName?: string;
  /** Names of clusters that the console knows beside it, and that nobody reaches. */
  others?: readonly string[];
  /** How many there are beside sys, instead of the usual three. */
  tenants?: number;
  /** The console does not know the cluster yet. */
  unregistered?: boolean;
  twoPerson?: boolean;
  /** PostgreSQL instead of the file. */
  databaseUrl?: string;
  /** The browser of the test starts on the sign-in page. */
  signedOut?: boolean;
}

export interface Standdown extends Console {
  simulator: Simulator;
  clusterId: string;
  clusterPath: string;
}

interface Fixtures {
  /**
   * A simulated cluster and a console that knows it, both ended after the test, with the test's browser signed in as its
   * administrator. May be called more than once.
   */
  standdown: (options: StanddownOptions) => Promise<Standdown>;
}

export const PASSWORD = "only-for-tests";
const CLUSTER_ID = "demo";
/** Tasks of some seconds take tenths of them: slow enough to be watched, fast enough for many tests. */
const TIME_SCALE = 20;

async function start(options: StanddownOptions): Promise<Standdown> {
  const {
    scenario,
    environment = "DEMO",
    timeScale = TIME_SCALE,
    version,
    clusterName = `demo-${scenario}`,
    twoPerson = false,
  } = options;
  const simulator = await startSimulator({
    scenario,
    basePort: 0,
    timeScale,
    password: PASSWORD,
    clusterName,
    ...(version === undefined ? {} : { version }),
    ...(options.tenants === undefined ? {} : { tenants: options.tenants }),
  });
  try {
    const agents = simulator.agents.slice(0, 8).map((agent) => agent.address);
    const cluster = { id: CLUSTER_ID, name: clusterName, environment, agents, password: PASSWORD, twoPerson };
    const others = (options.others ?? []).map((name, at) => ({
      ...{
        id: `other${at}`,
        name,
        environment: "TEST" as const,
        agents: [`127.0.0.1:${2_000 + at}`],
        password: PASSWORD,
      },
    }));
    const started = await startConsole(options.unregistered ? [] : [cluster, ...others], options.databaseUrl);
    return {
      ...started,
      simulator,
      clusterId: CLUSTER_ID,
      clusterPath: `/clusters/${CLUSTER_ID}`,
      async stop() {
        await started.stop();
        await simulator.close();
      },
    };
  } catch (error) {
    await simulator.close();
    throw error;
  }
}

export const test = base.extend<Fixtures>({
  standdown: async ({ context }, provide) => {
    const open = new Set<Standdown>();
    await provide(async (options) => {
      const standdown = await start(options);
      if (!options.signedOut) await signInBrowser(context, standdown.url);
      const stop = standdown.stop;
      open.add(standdown);
      standdown.stop = async () => {
        if (open.delete(standdown)) await stop();
      };
      return standdown;
    });
    for (const standdown of [...open]) await standdown.stop();
  },
});
