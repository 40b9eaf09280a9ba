import { failed, mysqlError } from "./agent-error";
import type { Agent, World } from "./agent";
import type { MainRun, Step } from "./dag";
import { waitForDatabase } from "./sub-dag";

/** Source: OBShell agent source, executor/ob minor_freeze.go. */
const FREEZE_CHECKS = 120;
const FREEZE_PAUSE_MS = 10_000;

/**
 * Where the receiving agent's own observer is gone, the node succeeds without running anything.
 * Source: OBShell agent source, executor/ob stop.go, ExecStopSqlTask.
 */
export const stopSql =
  (world: World, coordinator: Agent, run: MainRun): Step =>
  async ({ log, sleep }) => {
    const { database } = world;
    log("Stop observer");
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
    for (const address of run.targets) {
      log(`Stop ${address}`);
      database.stopServer(coordinator.address, address);
    }
  };

export const startZones =
  (world: World, coordinator: Agent, run: MainRun): Step =>
  async ({ log, sleep }) => {
    const { database } = world;
    log("start zone");
    await waitForDatabase(world, coordinator, sleep);
    const zones = run.scope.type === "ZONE" ? run.scope.target : database.zones.map((zone) => zone.name);
    for (const zone of zones) {
      database.startZone(coordinator.address, zone);
      log(`${zone} started`);
    }
  };

export const minorFreeze =
  (world: World, coordinator: Agent, run: MainRun): Step =>
  async ({ log, sleep }) => {
    const { database, faults } = world;
    if (database.stateAt(coordinator.address) !== 3)
      throw failed("Agent.OceanBase.NotHold", "get all target observers failed: the database is not available");
    const servers = database.servers.filter(
      (server) =>
        run.targets.has(server.address) && (!world.has("4.4.1.0") || database.innerStatus(server) === "ACTIVE"),
    );
    const name = (server: (typeof servers)[number]): string => `${server.ip}:${server.rpcPort}`;
    const refusing = servers.find(
      (server) => faults.has(server.address, "freeze-error") || (server.isRunning && database.isLost(server)),
    );
    if (refusing) throw mysqlError(4012, "Timeout, query has reached the maximum query timeout: 10000000(us)");
    const scn = String(BigInt(coordinator.now()) * 1_000_000n);
    for (const server of servers) log(`[server: ${name(server)}] checkpoint_scn before minor freeze: ${scn}`);
    for (const server of servers) log(`minor freeze server: ${name(server)}`);
    for (let check = 0; check < FREEZE_CHECKS; check += 1) {
      await sleep(FREEZE_PAUSE_MS);
      if (database.stateAt(coordinator.address) !== 3)
        throw failed("Agent.OceanBase.NotHold", "check minor freeze failed: the database is not available");
      const late = servers.find((server) => faults.has(server.address, "freeze-timeout"));
      if (!late) {
        for (const server of servers)
          log(`[server: ${name(server)}]smallest checkpoint_scn bigger than expired timestamp ${scn}, check pass`);
        return;
      }
      log(`[server: ${name(late)}]smallest checkpoint_scn smaller than expired timestamp ${scn}, waiting...`);
    }
    throw failed("OB.Cluster.MinorFreezeTimeout", "minor freeze timeout");
  };
