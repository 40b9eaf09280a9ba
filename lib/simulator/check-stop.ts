import type { AgentError } from "./agent-error";
import { badRequest, failed } from "./agent-error";
import type { Agent, World } from "./agent";
import type { StopBody, CheckedScope } from "./check-scope";
import type { StopMode } from "./dag";

/** Rows 6 to 10 of the agent's own order of refusals. Source: OBShell agent source, executor/ob CheckStopObParam. */
export function checkStop(world: World, agent: Agent, body: StopBody, checked: CheckedScope): StopMode {
  const isForce = body.force === true;
  const isTerminate = body.terminate === true;
  const { scope } = checked;
  if (scope.type === "GLOBAL" && !isForce && !isTerminate)
    throw badRequest(
      "OB.Cluster.ForceStopOrTerminateRequired",
      "Cannot stop all observers without 'force' and 'terminate'",
    );
  if (isForce && isTerminate)
    throw badRequest(
      "OB.Cluster.StopModeConflict",
      "Cannot stop observer with 'force' and 'terminate' at the same time",
    );
  const needsDatabase = !isForce || (world.has("4.4.1.0") && scope.type === "ZONE");
  if (needsDatabase && world.database.stateAt(agent.address) !== 3)
    throw badRequest("OB.Cluster.ForceStopRequired", "The current observer is not available, please stop with 'force'");
  if (isForce) return "force";
  if (isTerminate) return "terminate";
  if (world.has("4.4.1.0")) checkGraceful(world, checked);
  return "stop";
}

function checkGraceful(world: World, { scope, targets }: CheckedScope): void {
  if (scope.type === "SERVER") {
    // Targets are looked up as they were written: a short one belongs to no zone, and then anything stopped is a conflict.
    const zones = new Set(scope.target.flatMap((target) => world.database.server(target)?.zone ?? []));
    const [zone = null] = zones;
    if (zones.size > 1 || world.database.hasOtherStopped(zone)) throw stoppedInMultiZone();
    return;
  }
  if (scope.target.length > 1) throw stoppedInMultiZone();
  const [zone = ""] = scope.target;
  checkZoneStop(world, zone);
  if (targets.size === 0) throw badRequest("OB.Zone.NotExist", `Zone '${zone}' does not exist`);
}

/** No other stopped zone or server, and every log stream keeps its majority outside the zone. */
export function checkZoneStop(world: World, zone: string): void {
  const { database } = world;
  if (!database.zone(zone)) throw badRequest("OB.Zone.NotExist", `Zone '${zone}' does not exist`);
  if (database.hasOtherStopped(zone)) throw stoppedInMultiZone();
  const losing = database.tenantsLosing((server) => server.zone === zone).filter((tenant) => tenant.name !== "sys");
  // The agent's message is only a key: its text is missing, so the tenants are not named.
  if (losing.length > 0) throw badRequest("OB.Cluster.Tenant.Replica.Invalid", "err.ob.cluster.tenant.replica.invalid");
}

const stoppedInMultiZone = (): AgentError =>
  badRequest("OB.Server.StoppedInMultiZone", "Cannot stop server or stop zone in multiple zones");

/** What the zone endpoint says when no agent of the cluster has a usable database. */
export const noDatabase = (world: World, agent: Agent): AgentError =>
  world.database.stateAt(agent.address) === 0
    ? failed("OB.Server.Process.NotExist", "Observer process does not exist")
    : failed("Agent.OceanBase.Useless", "The current database is useless");
