import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { holdLock, type HeldLock } from "../../lib/db/testing/lock-holder";
import type { Method, Plan } from "../../lib/lifecycle/schema";
import type { LaneEngine } from "../crash/store";
import { createTestClient } from "../../lib/simulator/test-client";
import { calmPlan, type Act } from "../support/acts";
import type { Bench, Needs } from "./bench";
import { fill, limitWrites, longestFile, makeRoom } from "./disk";
import { stopsSince } from "./judge";
import { press, type Moment, type Trouble } from "./round";

export interface Kind extends Needs {
  name: string;
  /** Why an engine has no such fault, in words. */
  lacks?: Partial<Record<LaneEngine, string>>;
  trouble: (engine: LaneEngine) => Trouble;
}

/** What tells most comes first: the short form has one round. */
const ANYWHERE: readonly Moment[] = ["intent", "run", "judging", "before", "request"];
const between = (least: number, most: number) => least + Math.random() * (most - least);
const seconds = (short: number, least: number, most: number) => (isShort: boolean) =>
  (isShort ? short : between(least, most)) * 1_000;
const PRESSES = 5;
const NO_SERVER = "the embedded store has no server";
const ONE_CONSOLE = "the embedded store has one console";

/** Something done again and again until it is ended. */
function repeat(work: () => Promise<void> | void, leastMs: number, mostMs: number): () => Promise<void> {
  let isOver = false;
  const working = (async () => {
    while (!isOver) {
      await work();
      await sleep(between(leastMs, mostMs));
    }
  })();
  working.catch(() => undefined); // told to who ends it
  return async () => {
    isOver = true;
    await working;
  };
}

async function ask(place: string, ...statements: string[]): Promise<void> {
  const url = new URL(place);
  url.searchParams.set("application_name", "makes faults"); // unlike the console's
  const client = new Client({ connectionString: url.href });
  client.on("error", () => undefined);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const server = ({ postgres }: Bench) => {
  if (!postgres) throw new Error("This fault needs a PostgreSQL of its own.");
  return postgres;
};
const consoleAt = ({ consoles }: Bench, at: number) => {
  const console = consoles[at];
  if (!console) throw new Error(`There is no console ${at}.`);
  return console;
};

const connectionsCut: Kind = {
  name: "connections-cut",
  lacks: { embedded: NO_SERVER },
  replicas: 2,
  trouble: () => {
    let end = async () => {};
    return {
      moments: ANYWHERE,
      begin({ place }) {
        const name = new URL(place).searchParams.get("application_name") ?? "";
        const cut = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${name}'`;
        end = repeat(() => ask(place, cut), 100, 700);
      },
      holdMs: seconds(4, 2, 10),
      end: () => end(),
      works: 1,
    };
  },
};

const databaseRestart: Kind = {
  name: "database-restart",
  lacks: { embedded: NO_SERVER },
  replicas: 2,
  ownServer: true,
  trouble: () => ({
    moments: ANYWHERE,
    begin: (bench) => server(bench).halt(),
    holdMs: seconds(2, 0, 8),
    end: (bench) => server(bench).resume(),
    works: 1,
  }),
};

const databaseFreeze: Kind = {
  name: "database-freeze",
  lacks: { embedded: NO_SERVER },
  replicas: 2,
  ownServer: true,
  trouble: () => ({
    moments: ANYWHERE,
    begin: (bench) => server(bench).freeze(),
    holdMs: seconds(8, 3, 25),
    end: (bench) => server(bench).thaw(),
    works: 1,
  }),
};

/** A holder that stands still for longer than its lease, and then goes on with what it was at. */
const zombie =
  (prepare?: Trouble["prepare"]): Kind["trouble"] =>
  (engine) => ({
    moments: ["intent", "request"],
    ...(prepare ? { prepare } : {}),
    begin(bench) {
      process.kill(consoleAt(bench, 0).pid(), "SIGSTOP");
    },
    holdMs: seconds(36, 33, 45),
    end(bench) {
      process.kill(consoleAt(bench, 0).pid(), "SIGCONT");
    },
    works: engine === "postgres" ? 1 : null,
  });

/** The run of a stop that comes first; one that was refused, as the cluster still moved, is reviewed and pressed again. */
async function stopFor(act: Act, target: string, method: Method): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const sent = await press(act, await calmPlan(act, { action: "stop", servers: [target], method }));
    if (sent?.ok && sent.value.state === "accepted") return sent.value.runId;
    if (tries === PRESSES) throw new Error(`the stop that comes first was not taken: ${JSON.stringify(sent)}`);
  }
}

/** A run that stands in its kill, and the plan that cancels it. */
async function cancelPlan({ simulator, agents }: Bench, at: number, act: Act): Promise<Plan> {
  const target = agents[at % agents.length] ?? "";
  simulator.setFault(target, { kind: "kill-slow" });
  simulator.setFault("*", { kind: "slow", delayMs: 60 });
  const runId = await stopFor(act, target, "force");
  return calmPlan(act, { action: "cancel", runId });
}

/** A run that failed and holds every agent, and the plan that releases them. */
async function releasePlan({ simulator, agents, cookie, consoles }: Bench, at: number, act: Act): Promise<Plan> {
  const target = agents[at % agents.length] ?? "";
  simulator.setFault(target, { kind: "freeze-error" });
  const runId = await stopFor(act, target, "terminate");
  const standing = `${consoles[0]?.url ?? ""}/api/clusters/demo/standing`;
  for (const untilMs = Date.now() + 60_000; Date.now() < untilMs; await sleep(200)) {
    const { stops } = (await (await fetch(standing, { headers: { cookie } })).json()) as { stops: unknown[] };
    if (stops.length === 0) break;
  }
  simulator.clearFaults();
  simulator.setFault("*", { kind: "slow", delayMs: 60 });
  return calmPlan(act, { action: "release", runIds: [runId], agents: null });
}

const zombieStop: Kind = { name: "zombie-stop", replicas: 2, trouble: zombie() };
const zombieCancel: Kind = { name: "zombie-cancel", replicas: 2, trouble: zombie(cancelPlan) };
const zombieRelease: Kind = { name: "zombie-release", replicas: 2, trouble: zombie(releasePlan) };

const fileLock: Kind = {
  name: "file-lock",
  lacks: { postgres: "a server's store has no file that others lock" },
  trouble: () => {
    let lock: HeldLock | undefined;
    return {
      moments: ANYWHERE,
      async begin({ consoles }, at) {
        const file = join(consoles[0]?.dataDir ?? "", "standdown.db");
        lock = await holdLock(file, at % 2 ? "an exclusive lock" : "a writer's lock");
      },
      holdMs: seconds(12, 1, 30),
      end: () => lock?.release(),
    };
  },
};

const flappingAgents: Kind = {
  name: "flapping-agents",
  trouble: () => {
    let end = async () => {};
    return {
      moments: ANYWHERE,
      begin({ simulator, agents }) {
        end = repeat(
          () => {
            const agent = agents[Math.floor(Math.random() * agents.length)] ?? "";
            simulator.setFault(agent, { kind: "agent-down" }, Math.random() < 0.5);
            if (Math.random() < 0.2) simulator.setFault(agent, { kind: "agent-restart" });
          },
          50,
          400,
        );
      },
      holdMs: seconds(4, 2, 8),
      async end({ simulator }) {
        await end();
        simulator.clearFaults();
      },
    };
  },
};

const lostAnswer: Kind = {
  name: "lost-answer",
  trouble: () => ({
    moments: ["before"],
    begin({ simulator }, at) {
      simulator.setFault("*", { kind: at % 2 ? "lose-request" : "lose-answer" });
    },
    holdMs: seconds(2, 1, 4),
    end: ({ simulator }) => simulator.clearFaults(),
  }),
};

/** A colleague stops another server at the same agent, past the console. */
async function stopByAnother({ simulator }: Bench, coordinator: string, target: string): Promise<void> {
  const colleague = createTestClient(coordinator, simulator.password);
  await colleague.post("/ob/stop", { scope: { type: "SERVER", target: [target] }, force: true }).catch(() => undefined);
}

const lostAgentStore: Kind = {
  name: "lost-agent-store",
  trouble: () => {
    let striking: Promise<void> = Promise.resolve();
    return {
      moments: ["before"],
      losesStores: true,
      begin(bench, at) {
        const { simulator, agents } = bench;
        const isAnew = at % 2 === 1;
        // Ids begin anew: those of what comes next are those of what comes after the loss.
        if (isAnew) simulator.setFault("*", { kind: "store-lost", ids: "restart" });
        if (at % 3 !== 2) simulator.setFault("*", { kind: "lose-answer" });
        const sinceMs = Date.now();
        striking = (async () => {
          const untilMs = sinceMs + 5_000;
          while (stopsSince(bench, sinceMs).length === 0 && Date.now() < untilMs) await sleep(5);
          await sleep(Math.random() * (isAnew ? 600 : 60));
          const coordinator = stopsSince(bench, sinceMs)[0]?.agent;
          const isAll = at % 4 >= 2 || coordinator === undefined;
          simulator.setFault(isAll ? "*" : coordinator, { kind: "store-lost", ids: isAnew ? "restart" : "continue" });
          const other = agents[(at + 4) % agents.length] ?? "";
          if (isAnew && isAll && coordinator) await stopByAnother(bench, coordinator, other);
        })();
      },
      holdMs: seconds(2, 1, 4),
      async end({ simulator }) {
        await striking;
        simulator.clearFaults();
      },
    };
  },
};

const slowAnswer: Kind = {
  name: "slow-answer",
  trouble: () => ({
    moments: ["intent", "before", "run"],
    begin({ simulator, agents }, at) {
      const everyMs = Math.round(between(2, 20));
      for (const agent of at % 2 ? agents : agents.slice(0, 3)) simulator.setFault(agent, { kind: "trickle", everyMs });
    },
    holdMs: seconds(8, 5, 25),
    end: ({ simulator }) => simulator.clearFaults(),
  }),
};

const sigtermInSend: Kind = {
  name: "sigterm-in-send",
  trouble: () => ({
    moments: ["intent", "request", "run"],
    async begin(bench) {
      if (Math.random() < 0.5) bench.simulator.setFault("*", { kind: "slow", delayMs: Math.round(between(50, 2_000)) });
      await consoleAt(bench, 0).end();
    },
    holdMs: seconds(0.1, 0, 2),
    async end(bench) {
      bench.simulator.clearFaults();
      await consoleAt(bench, 0).restart();
    },
    works: null,
  }),
};

const MINUTES_10 = 600_000;
const clockJump: Kind = {
  name: "clock-jump",
  trouble: () => ({
    moments: ["run", "before", "intent", "request"],
    begin: (bench, at) => bench.setClock(0, (at + Math.floor(at / 4)) % 2 ? -MINUTES_10 : MINUTES_10),
    // Long enough for the run to end on the wrong clock.
    holdMs: seconds(10, 4, 15),
    end: (bench) => bench.setClock(0, 0),
    asksAgain: true,
  }),
};

const replicasApart: Kind = {
  name: "replicas-apart",
  lacks: { embedded: ONE_CONSOLE },
  replicas: 2,
  trouble: () => ({
    moments: ["before"],
    begin: (bench, at) => bench.setClock(1, Math.floor(at / 2) % 2 ? -40_000 : 40_000),
    holdMs: seconds(3, 1, 5),
    end: () => undefined,
    presses: (at) => at % 2,
    works: 1,
    asksAgain: true,
  }),
};

const diskFull: Kind = {
  name: "disk-full",
  ownDisk: true,
  trouble: () => ({
    moments: ANYWHERE,
    begin(bench) {
      if (bench.disk) return fill(bench.disk);
      if (bench.engine === "postgres") throw new Unavailable("no small disk can be mounted here");
      const { dataDir, pid } = consoleAt(bench, 0);
      if (!limitWrites(pid(), longestFile(dataDir))) throw new Unavailable("no small disk can be mounted here");
    },
    holdMs: seconds(4, 2, 10),
    end(bench) {
      if (bench.disk) makeRoom(bench.disk);
      else limitWrites(consoleAt(bench, 0).pid(), null);
    },
  }),
};

const READ_ONLY = "alter system set default_transaction_read_only = on";
const readOnly: Kind = {
  name: "read-only",
  ownServer: true,
  trouble: (engine) => ({
    moments: ANYWHERE,
    async begin(bench) {
      if (engine === "postgres") await ask(bench.place, READ_ONLY, "select pg_reload_conf()");
      else if (!limitWrites(consoleAt(bench, 0).pid(), 1)) throw new Unavailable("this system has no prlimit");
    },
    holdMs: seconds(4, 2, 10),
    async end(bench) {
      if (engine === "postgres")
        await ask(bench.place, "alter system reset default_transaction_read_only", "select pg_reload_conf()");
      else limitWrites(consoleAt(bench, 0).pid(), null);
    },
  }),
};

/** This machine cannot do that to a store. */
export class Unavailable extends Error {}

/** The longest come first, so that nobody waits for one alone. */
export const KINDS: readonly Kind[] = [
  ...[zombieStop, zombieCancel, zombieRelease],
  ...[databaseFreeze, slowAnswer, fileLock, clockJump, lostAgentStore, databaseRestart, connectionsCut],
  ...[diskFull, readOnly, flappingAgents, lostAnswer, replicasApart, sigtermInSend],
];
