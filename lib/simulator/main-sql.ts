import { addressOf } from "./address";
import { failed, logLineOf, MysqlError } from "./agent-error";
import type { Agent, World } from "./agent";
import type { MainRun, Step } from "./dag";
import type { ObServer } from "./database";
import { waitForDatabase } from "./sub-dag";

/** Source: OBShell agent source, executor/ob minor_freeze.go. */
const FREEZE_CHECKS = 120;
const FREEZE_PAUSE_MS = 10_000;

/**
 * Where the receiving agent's own observer is gone, the node succeeds without running anything, and without a word.
 * Source: OBShell agent source, executor/ob stop.go, ExecStopSqlTask.
 */
export const stopSql =
  (world: World, coordinator: Agent, run: MainRun): Step =>
  async ({ log, sleep }) => {
    const { database } = world;
    if (!database.server(coordinator.address)?.isRunning) return;
    await waitForDatabase(world, coordinator, sleep);
    if (run.scope.type === "ZONE") {
      log("Stop Zone");
      for (const zone of run.scope.target) {
        database.stopZone(coordinator.address, zone);
        log(`${zone} stopped`);
      }
      return;
    }
    log("Stop observer");
    for (const address of run.targets) {
      log(`Stop ${address}`);
      database.stopServer(coordinator.address, address);
    }
  };

/** Says nothing of a zone that it starts; one that refuses does not hold up the others. */
export const startZones =
  (world: World, coordinator: Agent, run: MainRun): Step =>
  async ({ log, sleep }) => {
    const { database } = world;
    log("start zone");
    await waitForDatabase(world, coordinator, sleep);
    const zones = run.scope.type === "ZONE" ? run.scope.target : database.zones.map((zone) => zone.name);
    let isGood = true;
    for (const zone of zones) {
      try {
        database.startZone(coordinator.address, zone);
      } catch (error) {
        log(logLineOf(error, world.has("4.3.1.0")));
        isGood = false;
      }
    }
    if (!isGood) throw new Error("start zone failed");
  };

export const minorFreeze =
  (world: World, coordinator: Agent, run: MainRun): Step =>
  async ({ log, sleep }) => {
    const { database, faults } = world;
    const refuseWithoutDatabase = (what: string): void => {
      if (database.stateAt(coordinator.address) !== 3)
        throw failed("Agent.OceanBase.Useless", `${what}: The current database is useless`);
    };
    refuseWithoutDatabase("get all target observers failed");
    const servers = activeServers(world, run, log);
    if (servers.length === 0) return log("WARN: no server to minor freeze");
    const scn = BigInt(coordinator.now()) * 1_000_000n;
    for (const server of servers) log(`[server: ${nameOf(server)}] checkpoint_scn before minor freeze: ${scn}`);
    const refuses = (server: ObServer): boolean =>
      faults.has(server.address, "freeze-error") || (server.isRunning && database.isLost(server));
    if (servers.some(refuses)) throw new MysqlError(4023, "minor freeze: try again", "minor freeze failed");
    for (const server of servers) log(`minor freeze server: ${nameOf(server)}`);
    for (let check = 0; check < FREEZE_CHECKS; check += 1) {
      await sleep(FREEZE_PAUSE_MS);
      refuseWithoutDatabase("check minor freeze failed");
      const late = servers.find((server) => faults.has(server.address, "freeze-timeout"));
      if (!late) return servers.forEach((server) => log(passed(server, scn)));
      const wait = `smallest checkpoint_scn: ${scn} smaller than expired timestamp ${scn}, waiting...`;
      log(`[server: ${nameOf(late)}]${wait}`);
    }
    throw failed("OB.Cluster.MinorFreezeTimeout", "Minor freeze timeout");
  };

const nameOf = ({ ip, rpcPort }: ObServer): string => addressOf(ip, rpcPort);

/** The blank at the end is the engine's. */
const passed = (server: ObServer, scn: bigint): string =>
  `[server: ${nameOf(server)}]smallest checkpoint_scn ${scn + 1_000n} bigger than expired timestamp ${scn}, check pass `;

/** Servers are looked up in the database, so those of a zone are frozen without an agent, too. */
function activeServers({ database, has }: World, { scope, targets }: MainRun, log: (line: string) => void): ObServer[] {
  const isMeant = (server: ObServer): boolean => {
    if (scope.type === "SERVER") return targets.has(server.address);
    return scope.type === "GLOBAL" || scope.target.includes(server.zone);
  };
  const meant = database.servers.filter(isMeant);
  if (!has("4.4.1.0")) return meant;
  const isActive = (server: ObServer): boolean => database.innerStatus(server) === "ACTIVE";
  for (const server of meant) if (!isActive(server)) log(`WARN: server ${nameOf(server)} is inactive, skip`);
  return meant.filter(isActive);
}
