import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Kysely } from "kysely";
import { startPostgres, type PostgresServer } from "../../lib/db/testing/postgres-server";
import type { Tables } from "../../lib/db/tables";
import { startSimulator, type Simulator } from "../../lib/simulator/cluster";
import { lookInto, type LaneEngine, type Stores } from "../crash/store";
import { actsOf, type Act } from "../support/acts";
import { startConsole, type Console } from "../support/console";
import { ADMINISTRATOR, signIn } from "../support/sign-in";
import { mountSmall, unmount } from "./disk";

export const CLUSTER = "demo";
const PASSWORD = "only-for-tests";
const TIME_SCALE = 40;
const SETTLE_MS = 1_000;
const FILE_DISK_MB = 24;
const SERVER_DISK_MB = 220;
const SHIFT = pathToFileURL(join(process.cwd(), "e2e", "faults", "shift-clock.mjs")).href;

export interface Needs {
  /** Consoles on one store; the embedded one has one console. */
  replicas?: number;
  /** A PostgreSQL that nobody else uses. */
  ownServer?: boolean;
  /** A small disk of its own under the store. */
  ownDisk?: boolean;
}

/** A simulated cluster, the consoles that know it, and a view into their store. */
export interface Bench {
  engine: LaneEngine;
  simulator: Simulator;
  agents: string[];
  consoles: Console[];
  acts: Act[];
  cookie: string;
  store: Kysely<Tables>;
  /** Where the store is: the connection, or "" for the embedded one. */
  place: string;
  /** The server that is this bench's alone. */
  postgres: PostgresServer | null;
  /** The folder that is a small disk; null where there is none. */
  disk: string | null;
  /** Sets a console's clock so many milliseconds ahead of the machine's. */
  setClock(console: number, aheadMs: number): void;
  close(): Promise<void>;
}

export async function openBench(engine: LaneEngine, stores: Stores, needs: Needs): Promise<Bench> {
  let disk: string | null = null;
  const onDisk = (megabytes: number) => (folder: string) => {
    if (needs.ownDisk && mountSmall(folder, megabytes)) disk = folder;
  };
  const isServer = engine === "postgres";
  const postgres =
    isServer && (needs.ownServer || needs.ownDisk) ? await startPostgres({ prepare: onDisk(SERVER_DISK_MB) }) : null;
  const place = postgres ? postgres.url : await stores.makePlace();
  const simulator = await startSimulator({
    ...{ scenario: "medium", basePort: 0, timeScale: TIME_SCALE, password: PASSWORD, clusterName: "demo" },
  });
  const agents = simulator.agents.map(({ address }) => address);
  const entry = { id: CLUSTER, name: "demo", environment: "TEST" as const, agents: agents.slice(0, 3) };
  const clockFiles: string[] = [];
  const key = randomBytes(32).toString("base64");
  const consoles: Console[] = [];
  const close = async () => {
    if (disk && !postgres) unmount(disk);
    await Promise.all(consoles.map((console) => console.stop()));
    for (const file of clockFiles) rmSync(file, { force: true });
    await simulator.close();
    if (disk && postgres) {
      await postgres.halt();
      unmount(disk);
    }
    await postgres?.stop();
  };
  try {
    for (let at = 0; at < (isServer ? (needs.replicas ?? 1) : 1); at += 1) {
      const clock = join(process.env.TMPDIR ?? "/tmp", `standdown-clock-${randomBytes(6).toString("hex")}`);
      writeFileSync(clock, "0");
      clockFiles.push(clock);
      const env = {
        STANDDOWN_SETTLE_MS: String(SETTLE_MS),
        STANDDOWN_LOG_LEVEL: "warn",
        STANDDOWN_TEST_CLOCK: clock,
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import ${SHIFT}`.trim(),
        ...(isServer ? { STANDDOWN_KEY: key } : {}),
      };
      const prepare = isServer ? undefined : onDisk(FILE_DISK_MB);
      consoles.push(await startConsole([{ ...entry, password: PASSWORD }], place, env, prepare));
    }
    const [first] = consoles;
    if (!first) throw new Error("A bench has a console.");
    const cookie = await signIn(first.url, ADMINISTRATOR);
    const store = lookInto(place, first.dataDir);
    return {
      ...{ engine, simulator, agents, consoles, cookie, store, place, postgres, disk },
      acts: consoles.map(({ url }) => actsOf(url, cookie, CLUSTER)),
      setClock: (console, aheadMs) => writeFileSync(clockFiles[console] ?? "", String(aheadMs)),
      async close() {
        await store.destroy();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
