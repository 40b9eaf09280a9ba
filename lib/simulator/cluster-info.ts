import { addressOf } from "./address";
import type { Agent, World } from "./agent";
import type { Dag, MainRun } from "./dag";
import type { ObServer, ObZone, Tenant } from "./database";
import { goTime, ZERO_TIME } from "./go-json";
import { BUILD_VERSION, OB_VERSION } from "./routes/open";
import { homeOf } from "./sub-dag";
import { emptyServerStats, emptyStats, serverStats, statsOf } from "./stats";

/** `/obcluster/info` as the answering agent sees it. Its `status` speaks of that agent's own connection. */
export function clusterInfo(world: World, agent: Agent, told: ReadonlySet<Agent>): Record<string, unknown> {
  const view = viewOf(world, agent, told);
  const { database } = world;
  const task = view.task;
  const isTold = !view.isDegraded;
  const active = database.servers.filter((server) => database.innerStatus(server) === "ACTIVE");
  const isGlobal = task?.run.scope.type === "GLOBAL" && task.run.scope.target.length > 0;
  return {
    cluster_name: world.clusterName,
    cluster_id: world.clusterId,
    status: ["NOT RUNNING", "RUNNING", "RESTRICTED", "AVAILABLE"][database.stateAt(agent.address)],
    is_community_edition: isTold,
    is_standalone: false,
    ob_version: isTold ? OB_VERSION : "",
    dead_lock_detection_enabled: isTold,
    ...(world.has("4.4.2.0") ? { startup_mode: isTold ? "production" : "", is_shared_storage: false } : {}),
    ...(isGlobal ? { local_task_id: task.mainDagId } : {}),
    stats: isTold && active.length > 0 ? statsOf(active.length) : emptyStats(),
    zones: zonesOf(world, view),
    tenants: view.isDegraded ? null : database.tenants.map((tenant) => tenantOf(world, agent, tenant)),
    tenant_stats: view.isDegraded ? null : database.tenants.map(tenantStatsOf),
  };
}

export const zonesInfo = (world: World, agent: Agent, told: ReadonlySet<Agent>): unknown =>
  zonesOf(world, viewOf(world, agent, told));

/** `/observer/info`: the answering agent's own server, without a status. */
export function observerInfo(world: World, agent: Agent): unknown {
  const view = viewOf(world, agent, new Set([agent]));
  const server = world.database.server(agent.address);
  return server ? { ...serverOf(world, view, server), status: undefined, stats: emptyServerStats() } : null;
}

interface View {
  /** The agents that told how their own observers are. */
  readonly told: ReadonlySet<Agent>;
  /** No usable database: the answer is made from what the agents know themselves. */
  readonly isDegraded: boolean;
  readonly task: CurrentTask | null;
}

interface CurrentTask {
  readonly mainDagId: string;
  readonly run: MainRun;
}

const viewOf = (world: World, agent: Agent, told: ReadonlySet<Agent>): View => ({
  told,
  isDegraded: world.database.stateAt(agent.address) !== 3,
  task: world.has("4.4.1.0") ? currentTask(agent.store.lastMaintenance()) : null,
});

/** The newest maintenance DAG counts as current until it is passed, even when its main DAG ended long ago. */
function currentTask(dag: Dag | undefined): CurrentTask | null {
  if (!dag || dag.state === "SUCCEED" || dag.work.kind !== "sub") return null;
  return { mainDagId: dag.work.mainDagId, run: dag.work.run };
}

function zonesOf(world: World, view: View): unknown {
  const members = new Map(world.database.zones.map((zone): [string, ObServer[]] => [zone.name, []]));
  // Without a database an agent knows of the agents only, and their zones come in any order.
  const isKnown = (server: ObServer): boolean => !view.isDegraded || world.agent(server.address) !== undefined;
  for (const server of world.database.servers) if (isKnown(server)) members.get(server.zone)?.push(server);
  const zones = view.isDegraded ? world.database.zones.toReversed() : world.database.zones;
  const isEmpty = (zone: ObZone): boolean => members.get(zone.name)?.length === 0;
  return zones
    .filter((zone) => !view.isDegraded || !isEmpty(zone))
    .map((zone) => ({
      name: zone.name,
      idc_name: view.isDegraded ? "" : zone.idc,
      region_name: view.isDegraded ? "" : zone.region,
      status: zoneStatus(world, view, zone),
      inner_status: view.isDegraded ? "" : innerZoneStatus(zone),
      root_server: view.isDegraded ? NO_ROOT_SERVER : rootServerOf(world, zone),
      servers: (members.get(zone.name) ?? []).map((server) => serverOf(world, view, server)),
      ...(view.task && view.task.run.scope.type === "ZONE" && view.task.run.scope.target.includes(zone.name)
        ? { local_task_id: view.task.mainDagId }
        : {}),
    }));
}

const NO_ROOT_SERVER = { ip: "", role: "", zone: "", svr_port: 0 };

const innerZoneStatus = (zone: ObZone): string => (zone.isActive ? "ACTIVE" : "INACTIVE");

function zoneStatus(world: World, { task, isDegraded }: View, zone: ObZone): string {
  if (!world.has("4.4.1.0")) return zone.isActive ? "RUNNING" : "SERVICE_STOPPED";
  const scope = task?.run.scope;
  if (task && (scope?.type === "GLOBAL" || (scope?.type === "ZONE" && scope.target.includes(zone.name))))
    return task.run.action === "start" ? "STARTING" : "STOPPING";
  if (isDegraded) return "UNKNOWN";
  return zone.isActive ? "RUNNING" : "STOPPED";
}

function rootServerOf({ database }: World, zone: ObZone): Record<string, unknown> {
  const root = database.rootServer();
  const first = database.servers.find((server) => server.zone === zone.name);
  const isHere = root?.zone === zone.name;
  const server = isHere ? root : first;
  return {
    ip: server?.ip ?? "",
    role: isHere ? "LEADER" : "FOLLOWER",
    zone: zone.name,
    svr_port: server?.rpcPort ?? 0,
  };
}

function serverOf(world: World, view: View, server: ObServer): Record<string, unknown> {
  const { database } = world;
  const inner = view.isDegraded ? "" : database.innerStatus(server);
  const isModern = world.has("4.4.1.0");
  const obState = stateSeenFrom(world, view, server);
  const { task } = view;
  const isTarget = task !== null && isInScope(task.run, server);
  const owner = world.agent(server.address);
  const home = owner && view.told.has(owner) ? homeOf(owner) : null;
  const hasStats = !view.isDegraded && inner === "ACTIVE";
  return {
    id: view.isDegraded ? 0 : server.id,
    ip: server.ip,
    svr_port: server.rpcPort,
    sql_port: server.sqlPort,
    version: view.isDegraded ? "" : BUILD_VERSION,
    with_rootserver: !view.isDegraded && server === database.rootServer(),
    status: isModern ? serverStatus(view, server, inner, obState) : "",
    inner_status: inner,
    start_time: view.isDegraded || !isInService(world, server) ? ZERO_TIME : goTime(server.changedAt),
    stop_time: view.isDegraded || server.stopTime === null ? ZERO_TIME : goTime(server.stopTime),
    stats: hasStats ? serverStats(server) : emptyServerStats(),
    architecture: "x86_64",
    ...(isModern
      ? {
          ob_status: obState,
          data_dir: home === null ? "" : `${home}/store`,
          redo_dir: home === null ? "" : `${home}/store/clog`,
          log_dir: home === null ? "" : `${home}/log`,
          obshell_port: server.agentPort,
        }
      : {}),
    ...(task && isTarget && task.run.scope.type === "SERVER" ? { local_task_id: task.mainDagId } : {}),
  };
}

const isInService = ({ faults }: World, server: ObServer): boolean =>
  server.isRunning && !faults.has(server.address, "not-in-service");

/** Asked from that host's agent; where it does not answer, the state is assumed from the database's view. */
function stateSeenFrom(world: World, view: View, server: ObServer): 0 | 1 | 3 {
  const owner = world.agent(server.address);
  if (owner && view.told.has(owner)) return world.database.stateAt(server.address);
  return !view.isDegraded && world.database.innerStatus(server) === "ACTIVE" ? 3 : 0;
}

/** Targets are compared as they were written, so a short one never matches. */
function isInScope({ scope }: MainRun, server: ObServer): boolean {
  if (scope.type === "GLOBAL") return true;
  return scope.target.includes(scope.type === "ZONE" ? server.zone : server.address);
}

/** The first rule that holds decides. Source: OBShell protocol, server status since 4.4.1.0. */
function serverStatus({ task }: View, server: ObServer, inner: string, obState: number): string {
  if (task && isInScope(task.run, server)) {
    if (task.run.action === "start") return "STARTING";
    return task.run.mode === "stop" ? "SERVICE_STOPPING" : "PROCESS_STOPPING";
  }
  if (inner === "INACTIVE") return obState === 0 ? "PROCESS_STOPPED" : "UNAVAILABLE";
  if (inner !== "" && server.stopTime !== null) return obState === 0 ? "PROCESS_STOPPED" : "SERVICE_STOPPED";
  if (inner === "ACTIVE" && obState === 3) return "RUNNING";
  return obState === 0 ? "PROCESS_STOPPED" : "UNAVAILABLE";
}

function tenantOf({ database }: World, agent: Agent, tenant: Tenant): Record<string, unknown> {
  const zones = database.zones.map((zone) => zone.name);
  const sqlPort = database.server(agent.address)?.sqlPort ?? 0;
  return {
    tenant_name: tenant.name,
    tenant_id: tenant.id,
    created_time: "2026-01-05T09:30:00+08:00",
    mode: tenant.mode,
    status: "NORMAL",
    locked: "NO",
    primary_zone: tenant.primaryZone,
    locality: tenant.locality,
    in_recyclebin: "NO",
    charset: "utf8mb4",
    collation: "utf8mb4_general_ci",
    whitelist: "%",
    pools: [poolOf(database, tenant, zones)],
    read_only: false,
    time_zone: "+08:00",
    lower_case_table_names: "1",
    dead_lock_detection_enabled: true,
    connection_strings: [
      { type: "DIRECT", connection_string: `obclient -h${agent.ip} -P${sqlPort} -uroot@${tenant.name} -p` },
    ],
    comment: "",
  };
}

function poolOf({ servers }: World["database"], tenant: Tenant, zones: readonly string[]): Record<string, unknown> {
  const voters = new Set(tenant.logStreams.flat());
  const hosts = servers.filter((server) => voters.has(server.address));
  const created = "2026-01-05T09:30:00+08:00";
  return {
    pool_name: `${tenant.name}_pool`,
    pool_id: tenant.id,
    zone_list: zones.join(";"),
    observer_list: hosts.map(({ ip, rpcPort }) => addressOf(ip, rpcPort)).join(","),
    unit_num: 1,
    unit_config: {
      create_time: created,
      modify_time: created,
      unit_config_id: tenant.id,
      name: `${tenant.name}_unit`,
      max_cpu: 4,
      min_cpu: 4,
      memory_size: 8_589_934_592,
      log_disk_size: 25_769_803_776,
      data_disk_size: 0,
      max_iops: 40_000,
      min_iops: 40_000,
    },
  };
}

const tenantStatsOf = (tenant: Tenant): Record<string, unknown> => ({
  tenant_id: tenant.id,
  tenant_name: tenant.name,
  cpu_used_percent: 12.5,
  memory_used_percent: 40.2,
  data_disk_usage: 10_737_418_240,
  cpu_core_total: 4,
  memory_in_bytes_total: 8_589_934_592,
});
