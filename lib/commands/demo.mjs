import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "./build.mjs";
import { CommandError } from "./command-error.mjs";
import { requireFreePort } from "./host.mjs";
import { ensureInstalled } from "./install.mjs";
import { readOptions, readPort } from "./options.mjs";
import { onStopSignal, stopProcess } from "./processes.mjs";
import { DEFAULT_PORT, WORK } from "./root.mjs";
import { startConsole, startSimulator } from "./servers.mjs";
import { say, seconds } from "./terminal.mjs";

const HOST = "127.0.0.1";
const FOLDER = join(WORK, "demo");
export const ENVIRONMENTS = ["PROD", "STAGING", "TEST", "DEMO", "UNLABELLED"];

export const usage = `npm run demo -- [options]
    --scenario NAME      which simulated cluster (default medium: 3 zones of 3 servers)
    --environment LABEL  ${ENVIRONMENTS.join(", ")} (default DEMO)
    --version X.Y.Z.W    the OBShell version that the agents play
    --time-scale N       how much faster than life their tasks run
    --port N             where the console listens (default ${DEFAULT_PORT})
    --reset              forget the data of earlier demos first
    --help, -h           this text

    npm run simulator -- --help lists the scenarios and versions`;

/** @param {string[]} args */
export function readDemoOptions(args) {
  const values = readOptions(
    args,
    {
      scenario: { type: "string", default: "medium" },
      environment: { type: "string", default: "DEMO" },
      version: { type: "string" },
      "time-scale": { type: "string" },
      port: { type: "string", default: String(DEFAULT_PORT) },
      reset: { type: "boolean", default: false },
    },
    usage,
  );
  if (!ENVIRONMENTS.includes(values.environment)) {
    throw new CommandError(
      `There is no environment “${values.environment}”.`,
      `Use one of: ${ENVIRONMENTS.join(", ")}`,
    );
  }
  if (!/^[a-z0-9][a-z0-9-]*$/.test(values.scenario)) {
    throw new CommandError(
      `“${values.scenario}” is not the name of a scenario.`,
      "Leave --scenario out to use medium.",
    );
  }
  return { ...values, port: readPort(values.port, "--port") };
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // somebody else's
  }
}

/** One demo per folder: a second one would share its data and could build under the feet of the first. */
function claimFolder() {
  const lock = join(FOLDER, "pid");
  const other = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
  if (other > 0 && isRunning(other))
    throw new CommandError(
      `Another demo already runs from this folder (process ${other}).`,
      `Use that one, or stop it with Ctrl-C. If it is none: delete ${lock}`,
    );
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  writeFileSync(lock, String(process.pid));
  process.on("exit", () => rmSync(lock, { force: true }));
}

/**
 * @param {{ name: string, environment: string, agents: string[], password: string }} cluster
 */
function writeConfig({ name, environment, agents, password }) {
  const file = join(FOLDER, "config.json");
  writeFileSync(join(FOLDER, "password"), password, { mode: 0o600 });
  const cluster = { id: "demo", name, environment, agents, passwordFile: "password" };
  writeFileSync(file, `${JSON.stringify({ dataDir: "data", clusters: [cluster] }, null, 2)}\n`);
  return file;
}

/** The demo's own administrator: made at its first start, the same afterwards. */
function administratorPassword() {
  const file = join(FOLDER, "admin-password");
  if (!existsSync(file)) writeFileSync(file, randomBytes(9).toString("base64url"), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

/**
 * Every simulated cluster has new agents with new keys, and knows nothing of earlier runs. What was known of the last
 * one must not look like agents that changed their keys, or like a stop that is still going on. The audit stays.
 */
async function forgetLastCluster() {
  const file = join(FOLDER, "data", "standdown.db");
  if (!existsSync(file)) return;
  const { DatabaseSync } = await import("@photostructure/sqlite");
  const store = new DatabaseSync(file, { timeout: 5_000 });
  store.exec("delete from known_key");
  store.exec(`update intent set ended_at = '${new Date().toISOString()}' where ended_at is null`);
  store.close();
}

/**
 * Starts both servers and says how to use them.
 * @param {ReturnType<typeof readDemoOptions>} options
 * @param {import("node:child_process").ChildProcess[]} servers what was started, in the order of stopping
 * @param {number} startedAt
 * @returns {Promise<string>} how one of them ended by itself
 */
async function serve(options, servers, startedAt) {
  const clusterName = `demo-${options.scenario}`;
  const password = randomBytes(18).toString("base64url");
  const simulator = await startSimulator({
    args: [
      ["--scenario", options.scenario, "--base-port", "0", "--password", password, "--cluster-name", clusterName],
      options["time-scale"] === undefined ? [] : ["--time-scale", options["time-scale"]],
      options.version === undefined ? [] : ["--version", options.version],
    ].flat(),
    logFile: join(FOLDER, "logs", "simulator.log"),
    onStart: (child) => servers.push(child),
  });
  await ensureBuilt();
  await forgetLastCluster();
  const administrator = { name: "admin", password: administratorPassword() };
  const config = writeConfig({
    name: clusterName,
    environment: options.environment,
    agents: simulator.contacts,
    password,
  });
  const console = await startConsole({
    config,
    host: HOST,
    port: options.port,
    administrator,
    logFile: join(FOLDER, "logs", "console.log"),
    onStart: (child) => servers.unshift(child),
  });

  const zones = new Set(simulator.agents.map((agent) => agent.zone));
  say(`
Standdown is ready (${seconds(startedAt)}).

  Console   http://${HOST}:${options.port}
  Sign in   ${administrator.name} with the password ${administrator.password}
  Cluster   ${clusterName} (${options.environment}), simulated: ${zones.size} zones, ${simulator.agents.length} servers. Nothing real can be stopped from here
  Faults    ${simulator.control}/faults (the README says how to set them)
  Data      .standdown/demo (npm run demo -- --reset forgets it)
  To end    Ctrl-C
`);
  return Promise.race([console.ended, simulator.ended]);
}

/** @param {string[]} args */
export async function run(args) {
  const startedAt = Date.now();
  const options = readDemoOptions(args);
  await requireFreePort(HOST, options.port, `Choose another: npm run demo -- --port ${options.port + 1}`);
  claimFolder();
  if (options.reset)
    for (const left of ["data", "logs", "admin-password"]) rmSync(join(FOLDER, left), { recursive: true, force: true });
  mkdirSync(join(FOLDER, "logs"), { recursive: true });

  /** @type {import("node:child_process").ChildProcess[]} The console first: nobody asks an agent that is gone. */
  const servers = [];
  let isStopping = false;
  const stopServers = async () => {
    for (const server of servers) await stopProcess(server);
  };
  onStopSignal(async () => {
    isStopping = true;
    say("\nStopping …");
    await stopServers();
    say("Stopped. Nothing of the demo is left running.");
    return 0;
  });

  try {
    await ensureInstalled();
    const ended = await serve(options, servers, startedAt);
    throw new CommandError(ended, "Start the demo again; when it happens again, the log file says why.");
  } catch (error) {
    // What ends because it was asked to is no failure.
    if (isStopping) return new Promise(() => {});
    await stopServers();
    throw error;
  }
}
